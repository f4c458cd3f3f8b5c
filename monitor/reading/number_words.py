"""The words of numbers in Arabic and English, in the folded form of `tokens.fold`. Language, not topic."""

from __future__ import annotations

# --- Arabic ---------------------------------------------------------------------------------------------------------

AR_UNITS = {
    "صفر": 0, "صفرا": 0, "واحد": 1, "واحده": 1, "احد": 1, "احدي": 1, "اثنان": 2, "اثنين": 2, "اثنتان": 2,
    "اثنتين": 2, "اثنا": 2, "اثني": 2, "اثنتا": 2, "اثنتي": 2, "تنين": 2, "ثلاثه": 3, "ثلاث": 3, "تلاته": 3, "تلات": 3,
    "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثماني": 8,
    "ثمان": 8, "تمانيه": 8, "تمن": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10,
    "ثلاثا": 3, "اربعا": 4, "خمسا": 5, "ستا": 6, "سبعا": 7, "ثمانيا": 8, "تسعا": 9, "عشرا": 10,
}  # fmt: skip
AR_TEEN_TAILS = frozenset({"عشر", "عشره"})
_TENS = {
    "عشر": 20,
    "ثلاث": 30,
    "تلات": 30,
    "اربع": 40,
    "خمس": 50,
    "ست": 60,
    "سبع": 70,
    "ثمان": 80,
    "تمان": 80,
    "تسع": 90,
}
AR_TENS = {stem + end: value for stem, value in _TENS.items() for end in ("ون", "ين")}
AR_HUNDRED = frozenset({"مئه", "مائه", "ميه", "مايه", "ماءه"})
AR_HUNDREDS_PLURAL = frozenset({"مئات", "مائات", "ميات"})
AR_TWO_HUNDRED = frozenset({"مئتا", "مئتان", "مئتي", "مئتين", "مائتا", "مائتان", "مائتي", "مائتين", "ميتين", "ميتان"})
_HUNDRED_STEMS = {
    "ثلاث": 300, "ثلث": 300, "تلت": 300, "اربع": 400, "خمس": 500, "ست": 600, "سبع": 700, "ثمان": 800, "ثماني": 800,
    "تمن": 800, "تمان": 800, "تسع": 900,
}  # fmt: skip
AR_COMPOUND_HUNDREDS = {
    stem + tail: value
    for stem, value in _HUNDRED_STEMS.items()
    for tail in ("مئه", "مائه", "ميه", "مايه", "مئ", "ميت", "مئات")
}
AR_THOUSAND = frozenset({"الف"})
AR_TWO_THOUSAND = frozenset({"الفان", "الفين", "الفي"})
AR_THOUSAND_OR_TWO = "الفا"  # ألفا جندي is two thousand, ألفاً and 30 ألفا are one
AR_THOUSANDS_PLURAL = frozenset({"الاف"})
AR_MILLIONS = {"مليون": 1_000_000, "مليونا": 1_000_000, "ملايين": 1_000_000, "مليار": 1_000_000_000}
AR_DOZEN = {"دزينه": 12}
AR_PREFIXES = ("وال", "فال", "بال", "كال", "ولل", "ال", "لل", "وب", "ول", "فب", "و", "ف", "ب", "ل", "ك")

# --- English --------------------------------------------------------------------------------------------------------

EN_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
EN_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
EN_SCALES = {"hundred": 100, "thousand": 1000, "k": 1000, "million": 1_000_000, "billion": 1_000_000_000, "bn": 10**9}
EN_DOZEN = 12

# --- What stands before or after a number and says how it is meant --------------------------------------------------
# Each phrase is a run of folded words; "|" separates forms of one word. Longest match wins.

BEFORE = {
    "about": (
        "نحو", "حوالي", "قرابه", "زهاء", "ما يقارب", "يقارب|تقارب|يقاربون", "ما يقرب من", "ما يناهز", "يناهز|تناهز",
        "في حدود", "بحدود", "يقدر|تقدر|يقدرون", "ربما", "قريب من", "قريبا من", "تقريبا", "نحوا من", "بنحو", "لنحو",
        "بقرابه", "بحوالي", "حدود", "ما يعادل", "about", "around", "some", "roughly", "approximately", "approx",
        "nearly", "almost", "close to", "closer to", "near", "circa", "ca", "~", "≈", "estimated", "perhaps",
        "maybe", "probably",
        "in the region of", "on the order of", "in the neighborhood of", "in the vicinity of", "barely", "an estimated",
        "or about", "mostly", "number some",
    ),
    "less_than": (
        "لا يبلغ", "لا تبلغ", "لا يبلغون", "اقل من", "ادني من", "دون", "ما دون", "تحت", "يقل|تقل|يقلون عن",
        "fewer than", "less than", "under", "below",
        "sub", "sub -", "<", "short of", "not quite",
    ),
    "at_most": (
        "ما يصل الي", "يصل الي", "بحد اقصي", "كحد اقصي", "اقصاه|اقصاها", "up to", "as many as", "as much as",
        "no more than", "not more than", "at most", "a maximum of", "maximum of", "not exceeding", "not exceed",
        "no larger than", "capped at", "a cap of", "at the most", "≤",
    ),
    "more_than": (
        "نيف و", "اكثر من", "فوق ال", "ازيد من", "اكتر من", "يزيد|تزيد|يزيدون علي|عن", "يفوق|تفوق|فاق|يفوقون",
        "يربو|تربو علي|عن", "فوق",
        "تجاوز|يتجاوز|تتجاوز|تجاوزت|يتجاوزون|يتخطي|تتخطي|تخطي|يتعدي|تتعدي|تعدي", "more than", "over", "above",
        "upwards of", "upward of", "in excess of", "exceeding", "exceeds", "exceed", "exceeded", "topping", "tops",
        "beyond", "north of", "greater than", ">",
    ),
    "at_least": (
        "علي الاقل", "at least", "no fewer than", "no less than", "not less than", "not fewer than", "a minimum of",
        "minimum of", "بحد ادني", "≥", "as few as",
    ),
}  # fmt: skip

AFTER = {
    "about": (
        "تقريبا", "او قرابه ذلك", "or so", "- ish", "ish", "- odd", "odd", "or thereabouts", "give or take", "or about",
    ),
    "at_most": (
        "علي الاكثر", "لا اكثر", "او دون ذلك", "او اقل", "at the very most", "كحد اقصي", "علي ابعد تقدير", "at most",
        "or fewer", "or less", "tops", "max", "maximum", "not more", "not one more",
        "at the most",
    ),
    "at_least": ("علي الاقل", "كحد ادني", "او يزيد", "او اكثر", "at least", "or more", "minimum", "at the least"),
    "more_than": ("ونيف", "وزياده", "واكثر", "واكتر", "فاكثر", "plus", "- plus", "+"),
}  # fmt: skip

NEGATIONS = frozenset(
    {"لا", "لم", "لن", "ليس", "ليست", "ليسوا", "not", "no", "never", "n't", "doesn't", "don't", "won't"}
)
NEGATED = {"more_than": "at_most", "less_than": "at_least"}
# Words that may stand between a comparator and its number.
BETWEEN = frozenset(
    {
        "a", "an", "the", "just", "only", "well", "little", "quite", "all", "that", "of", "قليلا", "عددها", "عددهم",
        "عدده", "عديدها", "عديدهم", "قوامها", "قوامه", "فقط", "ب", "علي", "عن", "كثيرا", "عدد", "tens", "slightly",
        "بكثير",
        "اليوم", "حاليا", "الان", "now", "currently", "today", "around", "about",
        '"', "“", "«", "'", "‘",
    }
)  # fmt: skip

# --- What a number counts that is not a count of things -------------------------------------------------------------

DURATION = {
    "hour": ("hour", "hours", "ساعه", "ساعات", "hrs", "hr"),
    "day": ("day", "days", "يوم", "يوما", "ايام", "ليال", "ليله", "nights", "night", "يوماً"),
    "week": ("week", "weeks", "اسبوع", "اسبوعا", "اسابيع", "fortnights"),
    "month": ("month", "months", "شهر", "شهرا", "اشهر", "شهور"),
    "year": ("year", "years", "عام", "عاما", "اعوام", "سنه", "سنوات", "سنين", "decade", "decades", "عقد", "عقود"),
    "minute": ("minute", "minutes", "دقيقه", "دقائق", "seconds"),
}
DURATION_UNIT = {word: unit for unit, words in DURATION.items() for word in words}
# Arabic duals say their number in the word; those of no unit of time count things.
DUALS = {
    **{stem + end: "" for stem in ("قاعدت", "نقطت", "شاحنت", "قافلت", "منشات") for end in ("ان", "ين", "ا", "ي")},
    "موقعان": "", "موقعين": "", "رتلان": "", "رتلين": "", "مطاران": "", "مطارين": "", "معسكران": "", "معسكرين": "",
    "ساعتين": "hour", "ساعتان": "hour", "يومين": "day", "يومان": "day", "اسبوعين": "week", "اسبوعان": "week",
    "شهرين": "month", "شهران": "month", "عامين": "year", "عامان": "year", "سنتين": "year", "سنتان": "year",
    "ليلتين": "day",
}  # fmt: skip
MEASURES = frozenset(
    {
        "km", "kms", "kilometre", "kilometres", "kilometer", "kilometers", "mile", "miles", "metre", "metres", "meter",
        "meters", "m", "mm", "cm", "ft", "feet", "hectare", "hectares", "ton", "tons", "tonnes", "kg", "mph", "acre",
        "acres", "degrees", "sq", "square", "كم", "كلم", "كيلومتر", "كيلومترا", "كيلومترات", "كيلو", "متر", "مترا",
        "امتار", "ميل", "اميال", "ميلا", "ملم", "هكتار", "هكتارا", "طن", "طنا", "اطنان", "درجه", "مم", "barrels",
        "برميل", "برميلا", "volts", "megawatts", "liters", "litres", "لتر",
    }
)  # fmt: skip
PERCENT_HUNDRED = frozenset({"المئه", "المايه", "المائه", "بالمئه", "بالمايه", "بالمائه"})
PERCENT = frozenset({"%", "٪", "percent", "pct", "percentage"})
MONEY_BEFORE = frozenset({"$", "€", "£", "us$"})
MONEY_AFTER = frozenset(
    {"dollars", "dollar", "دولار", "دولارا", "دولارات", "ليره", "euros", "usd", "دينار", "dinars", "يورو"}
)
# A number right after one of these is part of a name or a place in a list.
NAME_BEFORE = frozenset(
    {
        "tower", "division", "brigade", "regiment", "battalion", "highway", "route", "road", "article", "resolution",
        "phase", "page",
        "table", "figure", "section", "title", "chapter", "no", "unit", "boeing", "flight", "channel", "corps", "task",
        "اللواء", "لواء", "الفرقه", "فرقه", "البرج", "برج", "القرار", "الماده", "المنطقه", "منطقه", "ام", "ايم",
        "الصفحه", "العمليات", "بند", "البند", "الفوج",
        "جدول",
        "category", "model", "stage", "level", "the fy", "fy", "area", "zone", "covid",
    }
)  # fmt: skip
ORDINAL_TAILS = frozenset({"st", "nd", "rd", "th"})
