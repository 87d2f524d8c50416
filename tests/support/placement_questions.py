"""A question set for property all risks, as the invented branches' forms ask it, and one client's answers."""

from typing import Any


def ask(question_id: str, zh: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """A question as HTTP takes it."""
    return {"id": question_id, "zh": zh, "kind": kind} | more


def only_if(question_id: str, *answers: bool | str) -> dict[str, Any]:
    """A condition."""
    return {"question_id": question_id, "answers": list(answers)}


PROPERTY_QUESTIONS = [
    ask("insured", "投保人全称", en="Full name of the proposer", section="risk", field="insured"),
    ask("uscc", "统一社会信用代码", "uscc", section="risk"),
    ask("situation", "保险标的坐落地址", section="risk", field="situation"),
    ask("business", "主要产品及经营范围", section="risk", field="business"),
    ask("site_area", "厂区占地面积（平方米）", "number"),
    ask("staff", "员工总人数", "number"),
    ask("starts_on", "期望起保日期", "date", section="risk", field="starts_on"),
    ask("turnover", "上年度营业收入", "money", required=False),
    ask("group", "集团内其他被保险人名称", required=False, section="risk"),
    ask("built_in", "主厂房建成年份", "number"),
    ask("structure", "主要建筑结构"),
    ask("buildings", "建筑物保险金额", "money", section="risk", field="sum_insured"),
    ask("basis", "建筑物估价依据"),
    ask("panels", "是否有夹芯板（彩钢板）建筑", "yes_no"),
    ask("panel_share", "如是，夹芯板建筑面积占比", "percent", asked_if=only_if("panels", True)),
    ask("underground", "建筑物是否位于地下或半地下", "yes_no"),
    ask("machinery", "机器设备保险金额", "money", section="risk", field="sum_insured"),
    ask("top_machine", "单台价值最高的设备名称"),
    ask("top_value", "该设备原值", "money"),
    ask("machine_age", "设备平均使用年限（年）", "number", required=False),
    ask("stock", "存货年平均余额", "money", section="risk", field="sum_insured"),
    ask("stock_peak", "存货最高余额", "money"),
    ask("peak_month", "存货最高余额出现的月份", "number", required=False),
    ask("flammables", "是否存放易燃易爆物品", "yes_no"),
    ask("flammables_list", "如是，请列明品名及最大存量", asked_if=only_if("flammables", True)),
    ask("sprinklers", "自动喷淋覆盖比例", "percent"),
    ask("hydrants", "消火栓数量（个）", "number"),
    ask("extinguishers", "灭火器数量（具）", "number", required=False),
    ask("fire_brigade", "最近消防队距离（公里）", "number"),
    ask("guarded", "是否有24小时值守", "yes_no"),
    ask("fire_check_on", "最近一次消防检查日期", "date"),
    ask("hot_work", "动火作业是否实行许可制度", "yes_no"),
    ask("height", "厂区地坪高于周边道路（厘米）", "number"),
    ask("flooded", "近十年是否发生过水浸", "yes_no"),
    ask("flood_depth", "如是，水浸深度（厘米）及损失金额", asked_if=only_if("flooded", True)),
    ask("losses", "近五年财产损失次数", "number"),
    ask("paid", "近五年赔款合计", "money"),
    ask("present_insurer", "目前承保的保险公司", required=False, section="security"),
    ask("expires_on", "现保单到期日", "date"),
    ask("deductible", "希望的每次事故免赔额", "money", section="risk", field="deductible"),
    ask("interruption", "是否需要营业中断险", "yes_no", section="risk"),
    ask("filled_by", "填表人及联系电话"),
]
PROPERTY_SET = {
    "line": "property_all_risks",
    "line_family": "property",
    "line_zh": "财产一切险",
    "line_en": "Property all risks",
    "draft": PROPERTY_QUESTIONS,
}


def fen(amount: str) -> dict[str, str]:
    """Yuan as HTTP takes them."""
    return {"amount": amount, "currency": "CNY"}


FIRST_ANSWERS: dict[str, Any] = {
    "insured": "云泽嘉垣装备制造有限公司",
    "uscc": "91440300MA5EQXL178",
    "situation": "广东省深圳市高新区澜桥大道134号",
    "business": "重型装备结构件的制造与销售",
    "site_area": 52000,
    "staff": 2088,
    "starts_on": "2026-05-01",
    "built_in": 2013,
    "structure": "钢结构",
    "buildings": fen("120000000.00"),
    "basis": "重置价值",
    "panels": True,
    "underground": False,
}
SECOND_ANSWERS: dict[str, Any] = {
    "panel_share": "0.15",
    "machinery": fen("403800000.00"),
    "top_machine": "五轴联动加工中心",
    "top_value": fen("5740000.00"),
    "stock": fen("144850000.00"),
    "stock_peak": fen("254570000.00"),
    "flammables": False,
    "sprinklers": "0.65",
    "hydrants": 217,
    "fire_brigade": "5",
    "guarded": True,
    "fire_check_on": "2026-01-15",
    "hot_work": True,
    "height": 73,
    "flooded": False,
    "losses": 2,
    "paid": fen("2890000.00"),
    "expires_on": "2026-04-30",
    "deductible": fen("130000.00"),
    "interruption": False,
    "filled_by": "吕秋安",
}
