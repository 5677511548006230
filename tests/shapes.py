"""Plans of other shapes than the one of 2018-2020: many lines, many deliverables, long titles, other scripts."""

from datetime import date
from itertools import cycle

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Organisation, Plan, Visibility

# Each speaks of a code, a number and a Latin name in the middle of a text, as real plans do.
TEXTS = {
    "arabic": {
        "plan": "خطة عمل المدن الكبرى 2025-2027",
        "line": "التعاون بين المدن الأعضاء من أجل حوكمة حضرية أفضل (Metropolis)",
        "measure": "تعزيز قدرات الإدارات المحلية على التخطيط الحضري المتكامل، بما في ذلك السكن والنقل والمناخ.",
        "title": "تنظيم 12 ورشة عمل مع شبكة C40 حول تنفيذ المؤشر L1M1D2 قبل 31/12/2026، ونشر نتائجها",
    },
    "thai": {
        "plan": "แผนปฏิบัติการมหานคร พ.ศ. 2568–2570",
        "line": "ความร่วมมือระหว่างเมืองสมาชิกเพื่อธรรมาภิบาลเมืองที่ดีขึ้น (Metropolis)",
        "measure": "เสริมสร้างขีดความสามารถของหน่วยงานท้องถิ่นในการวางผังเมืองแบบบูรณาการรวมถึงที่อยู่อาศัยการขนส่งและสภาพภูมิอากาศ",
        "title": "จัดการประชุมเชิงปฏิบัติการ 12 ครั้งร่วมกับเครือข่าย C40 เพื่อดำเนินการ"
        "ตามตัวชี้วัด L1M1D2 ภายในปี 2569 และเผยแพร่ผลการประชุม",
    },
    "chinese": {
        "plan": "大都市行动计划（2025—2027年）",
        "line": "加强会员城市之间的合作，完善城市治理（Metropolis）",
        "measure": "提高地方政府综合城市规划的能力，涵盖住房、交"
        "通、气候变化以及公共空间等领域，并促进各城市之间的经验交流。",
        "title": "与C40网络共同举办12场研讨会，落实指标L1M1D2，并于2026年12月31日之前公布成果和后续工作安排",
    },
}  # fmt: skip
ENGLISH = {
    "plan": "A plan of another shape",
    "line": "Cooperation between member cities for better metropolitan governance",
    "measure": "Strengthen the capacities of local administrations in integrated planning, housing and transport.",
    "title": "Hold 12 workshops with the C40 network on how indicator L1M1D2 is put into practice, and publish them",
}


def plan_of_shape(slug="2031-2033", *, lines=1, deliverables=4, in_measure=4, texts=ENGLISH, length=0, **fields):
    """Return a plan of so many lines that share so many deliverables, `in_measure` in each measure.

    With a `length`, the texts of its deliverables are repeated until they have so many characters.
    """
    organisation = Organisation.objects.get_or_create(slug="metropolis", defaults={"name": "Metropolis"})[0]
    values = {"starts_on": date(2025, 1, 1), "ends_on": date(2027, 12, 31), "visibility": Visibility.PUBLIC} | fields
    plan = Plan.objects.create(organisation=organisation, slug=slug, title=texts["plan"], **values)
    made = [ActionLine(plan=plan, number=each, title=f"{texts['line']} {each}") for each in range(1, lines + 1)]
    made = ActionLine.objects.bulk_create(made)

    measures = [
        Measure(action_line=line, number=1 + number // lines, statement=texts["measure"])
        for number, line in zip(range(-(-deliverables // in_measure)), cycle(made), strict=False)
    ]
    measures = Measure.objects.bulk_create(measures)
    Deliverable.objects.bulk_create(
        Deliverable(
            measure=measures[number // in_measure],
            number=1 + number % in_measure,
            title=long_text(f"{number + 1}. {texts['title']}", length),
        )
        for number in range(deliverables)
    )
    return plan


def long_text(text, length):
    """Return a text repeated until it has so many characters, or as it is."""
    return (f"{text} " * (1 + length // len(text)))[:length].strip() if length else text
