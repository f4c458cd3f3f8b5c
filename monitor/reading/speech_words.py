"""How Arabic and English introduce a speaker, in the folded form of `tokens.fold`. Language, not topic."""

from __future__ import annotations

EN_VERBS = frozenset(
    {
        "reckoned", "pleaded", "mused", "shows", "show", "acknowledge", "concede", "argued", "argues",
        "said", "says", "say", "told", "tells", "confirmed", "confirms", "announced", "announces", "stated", "states",
        "reported", "reports", "acknowledged", "acknowledges", "admitted", "admits", "claimed", "claims", "added",
        "adds", "explained", "explains", "disclosed", "discloses", "revealed", "reveals", "estimated", "estimates",
        "insisted", "insists", "stressed", "stresses", "denied", "denies", "conceded", "concedes", "noted", "notes",
        "assured", "alleged", "alleges", "testified", "warned", "warns", "declared", "declares", "wrote", "writes",
        "clarified", "clarifies", "suggested", "believes", "believe", "expects", "expect", "projected", "informed",
        "advised", "dismissed", "rejected", "rejects", "maintains", "reckons", "reckon", "speaks", "puts", "put",
        "counts", "saw", "observed", "predicted", "predicts", "quipped", "joked", "replied", "answered", "recalled",
        "remarked", "swears", "swore", "suggest", "suggests", "indicate", "indicates", "indicated",
    }
)  # fmt: skip
# Verbs that also govern a plain object: they count only right after a source, never without one.
EN_WEAK_VERBS = frozenset(
    {
        "shows", "show", "acknowledge", "concede",
        "put", "puts", "counts", "saw", "maintains", "speaks", "believe", "believes", "expect", "expects",
        "suggested", "informed", "advised", "projected", "observed", "states", "notes", "claims", "reports",
        "suggest", "suggests", "indicate", "indicates", "indicated",
    }
)  # fmt: skip
# What is said, as a noun: "reports say". As a verb: "the agency reports". Who denies them is another matter.
EN_SAYINGS = frozenset({"reports", "claims"})
EN_PREPOSITIONS = (
    "according to", "citing", "quoting", "as per", "per", "in the words of", "as told by", "on the word of",
    "by the count of", "by the account of", "in the view of", "in the estimate of", "in the opinion of",
    "quoted by",
)  # fmt: skip
EN_STOP = frozenset(
    {
        "that", "who", "which", "whom", "on", "in", "as", "when", "while", "after", "before", "if", "because", "but",
        "yesterday", "today", "late", "early", "said", "says", "told", "monday", "tuesday", "wednesday", "thursday",
        "friday", "saturday", "sunday", "earlier", "this", "last", "whose", "since", "during", "where", "has", "had",
        "will", "was", "were", "is", "are", "would", "could", "may", "might", "did", "do", "does", "and", "so",
        "then", "than", "now", "again", "also", "reported", "have", "been", "not",
    }
)  # fmt: skip
EN_SOURCE_NOUNS = frozenset(
    {
        "official", "officials", "source", "sources", "spokesman", "spokesmen", "spokeswoman", "spokesperson",
        "officer", "officers", "commander", "commanders", "diplomat", "diplomats", "minister", "ministers",
        "ministry", "general", "secretary", "envoy", "adviser", "advisers", "aide", "aides", "researcher",
        "researchers", "analyst", "analysts", "resident", "residents", "witness", "witnesses", "eyewitness",
        "eyewitnesses", "activist", "activists", "monitor", "monitors", "observatory", "correspondent", "reporter",
        "reporters", "journalist", "agency", "newspaper", "paper", "channel", "statement", "report", "lawmaker",
        "lawmakers", "colonel", "captain", "sergeant", "admiral", "ambassador", "mayor", "governor", "command",
        "coalition", "administration", "embassy", "president", "leader", "leaders", "shepherd", "farmer", "farmers",
        "guard", "guards", "contractor", "planner", "planners", "map", "memo", "document", "study", "centre",
        "center", "institute", "think-tank", "estimates", "data", "expert", "experts", "veteran", "figure", "people",
        "department", "office", "inspector", "auditor", "auditors", "outlet", "network", "website", "trackers",
        "tracker", "insiders", "engineer", "worker", "driver", "trader", "neighbour", "neighbor", "villagers",
        "locals", "mukhtar", "sheikh", "reports", "rumours", "rumors", "images", "imagery", "footage",
    }
)  # fmt: skip
AR_VERBS = frozenset(
    {
        "تقدر", "رجحوا", "نبه", "نبهت", "يجزم",
        "قال", "قالت", "قالوا", "قالها", "يقول", "تقول", "يقولون", "اضاف", "اضافت", "يضيف", "تابع", "تابعت", "اوضح",
        "اوضحت", "يوضح", "اكد", "اكدت", "يؤكد", "تؤكد", "اشار", "اشارت", "يشير", "تشير", "لفت", "لفتت", "ذكر", "ذكرت",
        "يذكر", "تذكر", "افاد", "افادت", "يفيد", "تفيد", "كشف", "كشفت", "يكشف", "زعم", "زعمت", "يزعم", "تزعم", "ادعي",
        "ادعت", "صرح", "صرحت", "اعلن", "اعلنت", "يعلن", "تعلن", "رجح", "رجحت", "يرجح", "ترجح", "توقع", "توقعت",
        "يتوقع", "تتوقع", "نفي", "نفت", "ينفي", "تنفي", "بين", "بينت", "قدر", "قدرت", "نقدر", "يقدر", "شدد", "شددت",
        "يشدد", "اعترف", "اعترفت", "اقر", "اقرت", "ابلغ", "ابلغت", "اخبر", "اخبرت", "تحدث", "تحدثت", "يتحدث", "روي",
        "يروي", "نقلت", "نقل", "ينقل", "تنقل", "كتب", "كتبت", "يري", "تري", "اعتبر", "اعتبرت", "حذر", "حذرت",
        "استبعد", "استبعدت", "سجل", "سجلت", "رصد", "رصدت", "وثق", "وثقت", "علق", "جزم", "طمان", "نشر", "نشرت", "خلص",
        "خلصت", "تعهد", "تعهدت", "وعد", "لخص", "اورد", "اوردت", "حكي", "يحكي", "بيقول", "بتقول", "بقول", "بيحكي",
        "فصل", "احصي", "تداول", "تداولت",
    }
)  # fmt: skip
AR_WEAK_VERBS = frozenset(
    {
        "تقدر",
        "بين", "رصد", "رصدت", "سجل", "سجلت", "نشر", "نشرت", "تنشر", "قدر", "قدرت", "يقدر", "كتب", "علق", "فصل", "نقل",
        "نقلت", "ينقل", "تنقل", "وعد", "يري", "تري", "وثق", "تشير", "يشير", "اشارت", "يذكر", "روي", "احصي", "كشف",
    }
)  # fmt: skip
AR_CARRIED = frozenset(
    {
        "اضاف", "اضافت", "يضيف", "تابع", "تابعت", "اوضح", "اوضحت", "اكد", "اكدت", "اشار", "اشارت", "لفت", "شدد",
        "استدرك", "بين", "واصل", "ختم",
    }
)  # fmt: skip
AR_PREPOSITIONS = (
    "بحسب", "حسب", "وفق", "وفقا ل", "حسبما ذكر", "حسبما افاد", "حسبما افادت", "حسبما ذكرت", "كما ذكر", "كما ذكرت",
    "كما افاد", "كما قال", "كما اعلن", "كما اعلنت", "كما اكد", "نقلا عن", "علي ما افاد", "علي ما افادت", "علي ما ذكر",
    "علي ما ذكرت", "علي ما قال", "علي ما اوضح", "علي ما نقل", "علي حد قول", "طبقا ل", "استنادا الي", "علي ذمه",
    "علي لسان", "في روايه", "في تقدير", "بتقدير", "بتاكيد", "وفق تقديرات", "علي حسب ما قال", "كما ورد في",
    "وفقا لما ذكر", "وفقا لما ذكرته", "وفقا لما افاد", "حسبما قال", "باعتراف", "بشهاده", "في حسابات", "في حساب",
)  # fmt: skip
AR_STOP = frozenset(
    {
        "ان", "انه", "انها", "انهم", "بان", "بانه", "بانها", "اذ", "حيث", "بعد", "قبل", "امس", "اليوم", "يوم", "مساء",
        "صباح", "خلال", "ضمن", "الي", "حول", "علي", "عبر", "فيما", "بينما", "الذي", "التي", "الذين", "لم", "لن", "لا",
        "قد", "كان", "كانت", "هي", "هو", "هم", "ثم", "لكن", "عن", "لوكاله", "لصحيفه", "لقناه", "لموقع", "لشبكه",
        "للصحفيين", "للصحافيين", "لرويترز", "للاناضول", "للعربي", "لفرانس", "سحب", "وجود", "استمرار", "عقب",
        "الاسبوع", "الشهر", "العام", "السبت", "الاحد", "الاثنين", "الثلاثاء", "الاربعاء", "الخميس", "الجمعه", "مؤخرا",
        "لاحقا", "سابقا", "حاليا", "فجر", "ليل", "منذ", "حتي", "مؤكدا", "مضيفا", "موضحا", "مشيرا", "مشددا", "نافيا",
        "رافضا", "لافتا", "تاركا", "طالبا", "دون", "غير", "عدم", "ما",
    }
)  # fmt: skip
AR_SOURCE_NOUNS = frozenset(
    {
        "مصدر", "مصادر", "مصدران", "مصدرين", "مسؤول", "مسؤولون", "مسؤولين", "مسؤولان", "مسؤولو", "ضابط", "ضباط",
        "ضابطا", "ضباطا", "قيادي", "قائد", "متحدث", "ناطق", "المتحدث", "الناطق", "دبلوماسي", "دبلوماسيون",
        "دبلوماسيين", "المصدر", "المصادر", "المسؤول", "المسؤولون", "الضابط", "القيادي", "القائد", "الدبلوماسي",
        "المراسل", "مراسل", "مراسلو", "مراسلنا", "مصادرنا", "وزير", "وزاره", "الوزاره", "الجنرال", "الادميرال",
        "العقيد", "العميد", "اللواء", "المرصد", "مرصد", "ناشط", "ناشطون", "ناشطين", "نشطاء", "شهود", "شاهد", "اهالي",
        "الاهالي", "سكان", "السكان", "خبراء", "خبير", "محلل", "محللون", "باحث", "الباحث", "تقرير", "التقرير", "بيان",
        "البيان", "صحيفه", "الصحيفه", "وكاله", "الوكاله", "قناه", "القناه", "موقع", "شبكه", "مركز", "المركز", "دراسه",
        "تقديرات", "وسائل", "وثيقه", "الوثيقه", "مبعوث", "المبعوث", "رئيس", "الرئيس", "نائب", "عضو", "مدير", "سفير",
        "المفتش", "التحالف", "القياده", "راعي", "سائق", "مختار", "شيخ", "وجهاء", "مزارع", "عامل", "موظف", "معلم",
        "مقاتل", "عنصر", "جدول", "خريطه", "مطلعين", "شخصان", "الشخصان",
    }
)  # fmt: skip
AR_NOT_DESCRIBED = frozenset(
    {
        "تصريح", "تصريحات", "حديث", "بيان", "وقت", "مؤتمر", "مقابله", "اتصال", "كل", "سياق", "الاسابيع", "الشهر",
        "قاعده", "سوريا", "سوريه", "شمال", "خلال", "العام", "المنطقه", "ان", "قبل",
    }
)  # fmt: skip
AR_NOT_NAMES = frozenset(
    {
        "القوات", "قوات", "قاعده", "القاعده", "انسحاب", "الانسحاب", "سحب", "اخلاء", "عدد", "كل", "جميع", "عملياتها",
        "اي", "ذلك", "هذا", "هذه", "تلك", "نحو", "اكثر", "اقل", "العدد", "الرقم",
    }
)  # fmt: skip
LEADING = frozenset(
    {
        "but", "and", "so", "yet", "as", "however", "meanwhile", "still", "while", "though", "although", "then",
        "also", ",", "what", "when",
    }
)  # fmt: skip
HEADLINE_TAGS = frozenset(
    {
        "عاجل", "خاص", "خاصة", "خاصه", "متابعه", "تحديث", "breaking", "update", "exclusive", "just", "in", "watch",
        "live",
    }
)  # fmt: skip
WEEKDAYS_AND_ADVERBS = frozenset(
    {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "also", "later", "now",
        "earlier", "then", "since", "already", "today", "again", "yesterday", "recently", "repeatedly", "flatly",
        "himself", "herself",
    }
)  # fmt: skip
# Verbs of seeing: what is seen is so when it is seen, other than what is said.
SEEING = frozenset(
    {
        "رصد", "رصدت", "رصدوا", "شاهد", "شاهدت", "شوهد", "شوهدت", "لاحظ", "لاحظت", "عاين", "عاينت", "وثق", "وثقت",
        "saw", "seen", "observed", "witnessed", "counted", "photographed", "filmed", "spotted",
    }
)  # fmt: skip


def without_pronoun(verb: str) -> str:
    """An Arabic verb without the pronoun that takes up ما: أعلنته."""
    return next((verb.removesuffix(end) for end in ("ته", "ه") if verb.endswith(end) and len(verb) > 4), verb)
