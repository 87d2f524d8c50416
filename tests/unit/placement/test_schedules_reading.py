"""Schedules as branches keep them, read as a careful clerk would."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chassis.sheets import to_csv, to_xlsx
from contracts.money import yuan
from services.placement.insurers.provinces import code_of
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules.reading import NoScheduleFound, Taken, read_schedule
from services.placement.schedules.rules import ScheduleEmpty, check_any, regions, totals

SHARED = Path(__file__).parents[3].parent / "shared/data"
TODAY = date(2026, 11, 23)
VEHICLES, LOCATIONS = ScheduleKind.VEHICLES, ScheduleKind.LOCATIONS
VEHICLE_HEADER = (
    "序号",
    "车牌号码",
    "车架号（VIN）",
    "初次登记日期",
    "座位数",
    "车损险",
    "三者险",
    "车损保额",
    "三者限额",
)
LOCATION_HEADER = ("省份", "标的地址", "占用性质", "房屋建筑物", "机器设备", "存货", "合计")


def a_vehicle(**changes: Any) -> tuple[Any, ...]:
    told = {"n": 1, "plate": "浙M·E2548", "vin": "LXYZBKN65NB182668", "on": "2020.3.13", "seats": "2座"}
    told |= {"hull": "√", "liability": "是", "hull_sum": "18.36万", "limit": "100万元"}
    return tuple((told | changes).values())


def vehicles(*rows: tuple[Any, ...]) -> Taken:
    return read_schedule(to_xlsx("车辆清单", VEHICLE_HEADER, rows), VEHICLES, TODAY)


def locations(*rows: tuple[Any, ...]) -> Taken:
    return read_schedule(to_xlsx("标的", LOCATION_HEADER, rows), LOCATIONS, TODAY)


def test_a_vehicle_is_read_however_it_was_typed():
    [row] = vehicles(a_vehicle(plate="浙Ｍ Ｅ２５４８ ", vin="\xa0lxyzbkn65nb182668")).rows
    assert row.vehicle is not None
    assert (row.vehicle.plate, row.vehicle.vin, row.vehicle.seats) == ("浙ME2548", "LXYZBKN65NB182668", "2")
    assert (row.vehicle.registered_on, row.vehicle.covers) == (date(2020, 3, 13), ["hull", "liability"])
    assert (row.vehicle.hull_sum, row.vehicle.liability_limit) == (yuan("183600.00"), yuan("1000000.00"))


@pytest.mark.rule("PLC-023")
@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"vin": "LXYZBKN65NB18266"}, "C"),
        ({"vin": "LXYZBKN65NB18266Q"}, "C"),
        ({"vin": 4.40301e17}, "C"),
        ({"plate": "ME2548"}, "B"),
        ({"plate": "浙MO2548"}, "B"),
        ({"on": "20200431"}, "D"),
        ({"on": "2027-01-20"}, "D"),
        ({"hull_sum": "-"}, "H"),
        ({"limit": "若干"}, "I"),
        ({"hull": "×"}, "H"),
        ({"hull": "也许"}, "F"),
    ],
)
def test_a_vehicle_that_cannot_be_right_is_refused_with_its_place(changes: dict[str, Any], column: str):
    taken = vehicles(a_vehicle(**changes))
    assert (taken.rows, taken.refused) == ([], 1)
    [fault] = taken.faults
    assert (fault.sheet, fault.row, fault.column[0]) == ("车辆清单", 2, column)
    with pytest.raises(ScheduleEmpty):
        check_any(taken)


@pytest.mark.rule("PLC-023")
def test_a_field_that_nothing_depends_on_is_left_out_alone():
    taken = vehicles(a_vehicle(seats="很多个座位呢"))
    assert (len(taken.rows), taken.refused, taken.warnings[0].column[0]) == (1, 0, "E")


@pytest.mark.rule("PLC-023")
def test_a_vehicle_stands_once_and_a_number_belongs_to_one_vehicle():
    taken = vehicles(
        a_vehicle(),
        a_vehicle(plate="浙ME2548"),
        a_vehicle(plate="浙ME2549"),
        a_vehicle(vin="LXYZBKN65NB182669"),
    )
    assert (len(taken.rows), taken.known, taken.refused) == (1, 1, 2)
    assert [(fault.row, fault.column[0]) for fault in taken.faults] == [(4, "C"), (5, "B")]


def test_totals_and_notes_are_no_vehicles_and_a_wrong_count_is_told():
    taken = vehicles(a_vehicle(), ("合计", "3辆"), ("以上车辆信息由投保人提供，投保人盖章：",))
    assert len(taken.rows) == 1
    assert "3" in taken.findings[-1].zh


def test_a_location_is_read_with_its_province_and_sums():
    [row] = locations(("广东省", "深圳市澜桥大道1号", "办公", "RMB 100", "￥2万", "-", "20,100.00")).rows
    assert row.location is not None
    assert (row.location.region, row.location.total, row.location.stock) == ("44", yuan("20100.00"), yuan("0.00"))
    assert regions([row]) == ["44"]
    assert {total.column: total.amount.amount for total in totals(LOCATIONS, [row])}["machinery"] == "20000.00"


@pytest.mark.rule("PLC-023")
@pytest.mark.parametrize(
    "row",
    [
        ("广东省", "", "办公", "100", "1", "", "101"),
        ("某某省", "地址", "办公", "100", "1", "", "101"),
        ("广东省", "地址", "办公", "待评估", "1", "", ""),
        ("广东省", "地址", "办公", "100", "1", "", "102"),
        ("广东省", "地址", "办公", "-", "", "", ""),
    ],
)
def test_a_location_that_cannot_be_right_is_refused(row: tuple[str, ...]):
    taken = locations(row)
    assert (taken.rows, taken.refused) == ([], 1)


def test_subtotals_are_compared_with_their_rows():
    first, second = ("广东省", "甲路1号", "办公", "100", "", "", "100"), ("云南省", "乙路2号", "", "50", "", "", "")
    right = locations(
        first, ("广东省小计", "", "", "100", "0", "0", "100"), second, ("总计", "", "", "150", "", "", "150")
    )
    assert (len(right.rows), right.known) == (2, 0)
    assert [finding.zh for finding in right.findings if "不符" in finding.zh] == []
    wrong = locations(
        first, ("广东省小计", "", "", "100", "0", "0", "100"), second, ("总计", "", "", "", "", "", "151")
    )
    assert [finding.zh for finding in wrong.findings if "不符" in finding.zh] == [
        "第 5 行总计 151.00 与各行之和 150.00 不符"
    ]


@pytest.mark.rule("PLC-023")
def test_a_file_without_such_a_table_is_told():
    with pytest.raises(NoScheduleFound):
        read_schedule(to_csv(("甲", "乙"), [("1", "2")]), VEHICLES, TODAY)


def test_provinces_are_known_with_and_without_their_kind():
    assert [code_of(name) for name in ("广东省", "广西壮族自治区", "北京市", "内蒙古", "香港特别行政区", "火星")] == [
        "44",
        "45",
        "11",
        "15",
        "81",
        None,
    ]


@pytest.mark.skipif(not SHARED.exists(), reason="the invented branches' files are not here")
def test_the_branches_fleet_is_read():
    taken = read_schedule((SHARED / "fleet.xlsx").read_bytes(), VEHICLES, TODAY)
    assert (len(taken.rows), taken.known, taken.refused, taken.findings) == (240, 1, 9, [])
    assert [fault.row for fault in taken.faults] == [16, 21, 87, 90, 147, 181, 198, 230, 246]


@pytest.mark.skipif(not SHARED.exists(), reason="the invented branches' files are not here")
def test_the_branches_locations_are_read():
    taken = read_schedule((SHARED / "property-locations.xlsx").read_bytes(), LOCATIONS, TODAY)
    assert (len(taken.rows), taken.known, taken.refused, taken.findings) == (38, 1, 3, [])
    assert [fault.row for fault in taken.faults] == [8, 15, 27]
    assert regions(taken.rows) == ["32", "42", "44", "53"]
