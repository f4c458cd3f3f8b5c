"""The words of dates in Arabic and English, in the folded form of `tokens.fold`. Language, not topic."""

from __future__ import annotations

# Levantine, international and Maghreb names; two-word names have a space.
MONTHS = {
    1: ("january", "jan", "كانون الثاني", "يناير", "جانفي", "كانون ثاني"),
    2: ("february", "feb", "شباط", "فبراير", "فيفري"),
    3: ("march", "mar", "اذار", "مارس"),
    4: ("april", "apr", "نيسان", "ابريل", "افريل"),
    5: ("may", "ايار", "مايو", "ماي"),
    6: ("june", "jun", "حزيران", "يونيو", "يونيه", "جوان"),
    7: ("july", "jul", "تموز", "يوليو", "يوليه", "يوليوز", "جويليه"),
    8: ("august", "aug", "اب", "اغسطس", "غشت", "اوت"),
    9: ("september", "sept", "sep", "ايلول", "سبتمبر", "شتنبر"),
    10: ("october", "oct", "تشرين الاول", "اكتوبر", "تشرين اول"),
    11: ("november", "nov", "تشرين الثاني", "نوفمبر", "نونبر", "تشرين ثاني"),
    12: ("december", "dec", "كانون الاول", "ديسمبر", "دجنبر", "كانون اول"),
}
MONTH = {tuple(name.split()): number for number, names in MONTHS.items() for name in names}
# Names that are also other words: they need a date word or a number beside them.
DOUBTFUL_MONTHS = frozenset({"may", "march", "mar", "مارس", "اب", "ماي", "جوان", "sep", "dec", "jan", "jun"})
MONTH_BESIDE = frozenset(
    {
        "in", "by", "of", "since", "last", "early", "mid", "late", "next", "until", "till", "to", "from", "end",
        "through",
        "this", "before", "after", "for", "into", "and", "during", "around", "في", "من", "شهر", "خلال", "حتي", "منذ",
        "مطلع", "اوائل", "بدايه",
        "منتصف", "اواسط", "اواخر", "نهايه", "بحلول", "قبل", "بعد", "مستهل", "اخر", "ختام", "الي", "/", "-", "or", "the",
    }
)  # fmt: skip

WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "الاثنين": 0, "الاتنين": 0, "الثلاثاء": 1, "التلاتاء": 1, "الاربعاء": 2, "الخميس": 3, "الجمعه": 4, "السبت": 5,
    "الاحد": 6,
}  # fmt: skip

# Days from publication.
DAYS = {
    "اول من امس": -2, "امس الاول": -2, "اول امس": -2, "اول البارحه": -2, "اول مبارح": -2, "امس": -1, "البارحه": -1,
    "مبارح": -1, "امبارح": -1, "الليله الماضيه": -1, "ليل امس": -1, "اليوم": 0, "هاليوم": 0, "هذا الصباح": 0,
    "الليله": 0, "غدا": 1,
    "الغد": 1, "بكره": 1, "بعد غد": 2, "day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0,
    "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1, "day after tomorrow": 2,
    "earlier today": 0,
}  # fmt: skip

# Whole periods from publication: (unit, steps).
PERIODS = {
    "الاسبوع الماضي": ("week", -1), "الاسبوع الفائت": ("week", -1), "الاسبوع المنصرم": ("week", -1),
    "هذا الاسبوع": ("week", 0), "الاسبوع الجاري": ("week", 0), "الاسبوع الحالي": ("week", 0), "هالاسبوع": ("week", 0),
    "الاسبوع المقبل": ("week", 1), "الاسبوع القادم": ("week", 1), "نهايه الاسبوع": ("weekend", 0),
    "الشهر الماضي": ("month", -1), "الشهر الفائت": ("month", -1), "الشهر المنصرم": ("month", -1),
    "هذا الشهر": ("month", 0),
    "الشهر الجاري": ("month", 0), "الشهر الحالي": ("month", 0), "الشهر المقبل": ("month", 1),
    "الشهر القادم": ("month", 1),
    "هالشهر": ("month", 0), "العام الماضي": ("year", -1), "السنه الماضيه": ("year", -1),
    "العام الفائت": ("year", -1), "العام المنصرم": ("year", -1),
    "هذا العام": ("year", 0), "العام الجاري": ("year", 0), "العام الحالي": ("year", 0), "هذه السنه": ("year", 0),
    "السنه الجاريه": ("year", 0), "العام المقبل": ("year", 1), "العام القادم": ("year", 1),
    "السنه المقبله": ("year", 1), "السنه الحاليه": ("year", 0),
    "last week": ("week", -1), "this week": ("week", 0), "next week": ("week", 1), "last weekend": ("weekend", -1),
    "this weekend": ("weekend", 0),
    "the weekend": ("weekend", 0), "last month": ("month", -1), "this month": ("month", 0), "next month": ("month", 1),
    "last year": ("year", -1), "this year": ("year", 0), "next year": ("year", 1), "the previous year": ("year", -1),
    "the current year": ("year", 0), "the present year": ("year", 0), "the current month": ("month", 0),
    "new year": ("newyear", 0),
}  # fmt: skip
# Bare "the year", "the month": only behind an edge ("نهاية العام", "the end of the month").
BARE = {
    "العام": "year", "السنه": "year", "الشهر": "month", "الاسبوع": "week", "the year": "year", "the month": "month",
    "year": "year", "month": "month", "the week": "week", "year's": "year", "month's": "month", "the year's": "year",
}  # fmt: skip
SEASONS = {
    "spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "الربيع": 3, "الصيف": 6, "الخريف": 9, "الشتاء": 12,
    "ربيع": 3, "صيف": 6, "خريف": 9, "شتاء": 12, "midsummer": 6,
}  # fmt: skip

EDGES = {
    "early in": "early", "early": "early", "the beginning of": "start", "beginning of": "start",
    "the start of": "start", "start of": "start",
    "at the turn of": "start", "mid": "middle", "mid -": "middle", "the middle of": "middle", "middle of": "middle",
    "late": "late", "late in": "late",
    "the end of": "end", "end of": "end", "end -": "end", "the close of": "end", "first half of": "half1",
    "second half of": "half2", "the first half of": "half1", "the second half of": "half2",
    "مطلع": "start", "اوائل": "early", "بدايه": "start", "بدايات": "early", "مستهل": "start", "منتصف": "middle",
    "اواسط": "middle", "اواخر": "late",
    "نهايه": "end", "اخر": "end", "ختام": "end", "النصف الاول من": "half1", "النصف الثاني من": "half2", "بنهايه": "end",
    "the first quarter of": "q1", "الربع الاول من": "q1", "الربع الثاني من": "q2", "الربع الثالث من": "q3",
    "الربع الاخير من": "q4", "نهايه الربع الاول من": "q1end", "بنهايه الربع الاول من": "q1end",
}  # fmt: skip

PAST_TAILS = frozenset({"الماضي", "الماضيه", "المنصرم", "الفائت", "الفايت", "المنصرمه", "last"})
CURRENT_TAILS = frozenset({"الجاري", "الحالي", "الجاريه"})
NEXT_TAILS = frozenset({"المقبل", "القادم", "المقبله", "القادمه", "next", "الجاي"})
YEAR_BEFORE = frozenset(
    {
        "in", "since", "of", "by", "until", "till", "from", "during", "late", "early", "mid", "through", "before",
        "after", "throughout",
        "year", "عام", "العام", "سنه", "السنه", "منذ", "خلال", "حتي", "لعام", "بعام", "عامي", "اواخر", "مطلع",
        "اوائل", "نهايه", "منتصف", "بدايه", "وعام", "summer", "winter", "spring", "autumn", "fall",
        "في", "قبل", "بعد", "صيف", "شتاء", "ربيع", "خريف", "ايام", "لسنه",
    }
)  # fmt: skip
AGO_AR = frozenset({"قبل", "منذ", "من", "وقبل"})

ORDINALS_AR = {
    "الاول": 1, "الثاني": 2, "الثالث": 3, "الرابع": 4, "الخامس": 5, "السادس": 6, "السابع": 7, "الثامن": 8, "التاسع": 9,
    "العاشر": 10, "الحادي عشر": 11, "الثاني عشر": 12, "الثالث عشر": 13, "الرابع عشر": 14, "الخامس عشر": 15,
    "السادس عشر": 16, "السابع عشر": 17, "الثامن عشر": 18, "التاسع عشر": 19, "العشرين": 20, "العشرون": 20,
    "الثلاثين": 30, "الثلاثون": 30,
}  # fmt: skip
ORDINALS_AR |= {
    f"{word} والعشرين": 20 + number
    for word, number in {
        "الحادي": 1, "الثاني": 2, "الثالث": 3, "الرابع": 4, "الخامس": 5, "السادس": 6, "السابع": 7, "الثامن": 8,
        "التاسع": 9,
    }.items()
}  # fmt: skip
ORDINALS_AR["الحادي والثلاثين"] = 31
