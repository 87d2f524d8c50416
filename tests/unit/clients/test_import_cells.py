"""A row of a client file is read the way a careful clerk reads it."""

from typing import Any

import pytest

from chassis.sheets import read_tables, to_xlsx
from services.clients.clients.model import Classification, Kind, NumberKind
from services.clients.imports.cells import COLUMNS, Draft, read_row
from services.clients.imports.model import Level
from tests.support.clients import TODAY, a_resident_id, a_uscc


def a_row(**cells: Any) -> Draft:
    told = {"客户名称": "甲有限公司", "证件号码": a_uscc(), "备注": "x", **cells}
    [table] = read_tables(to_xlsx("客户", list(told), [list(told.values())]), COLUMNS).tables
    [row] = table.rows()
    return read_row(row, TODAY)


def findings(draft: Draft) -> list[tuple[str, str, str]]:
    return [(finding.level, finding.column, finding.rule) for finding in draft.findings]


@pytest.mark.rule("CLI-010")
@pytest.mark.parametrize("lost", [9.13100000000184e17, "9.13100E+17", "4.40301E+17"])
def test_a_number_that_became_a_figure_is_lost_and_not_guessed(lost: Any):
    draft = a_row(证件号码=lost)
    assert (findings(draft), draft.number) == ([("row", "B 证件号码", "CLI-010")], None)


@pytest.mark.rule("CLI-011")
@pytest.mark.parametrize("since", ["20250229", "2023年13月5日", "2026-03-03", "03/04/2022"])
def test_an_impossible_date_refuses_the_row(since: str):
    assert findings(a_row(建档日期=since)) == [("row", "D 建档日期", "CLI-011")]


@pytest.mark.rule("CLI-011")
@pytest.mark.parametrize("name", ["", " 　", "12345", "—"])
def test_a_name_that_is_missing_or_none_refuses_the_row(name: str):
    assert findings(a_row(客户名称=name)) == [("row", "A 客户名称", "CLI-011")]


@pytest.mark.rule("CLI-012")
@pytest.mark.parametrize("phone", ["1380000", "同上", 1.38e20, "1.38E+10", "1380000123456"])
def test_a_wrong_telephone_number_refuses_only_itself(phone: Any):
    draft = a_row(联系人="赵一", 联系电话=phone)
    assert findings(draft) == [("field", "E 联系电话", "CLI-012")]
    [contact] = draft.contacts
    assert (contact.name.reveal(), contact.phone) == ("赵一", None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (13800008222.0, "13800008222"),
        ("138-0000-8222", "13800008222"),
        ("１３８ 0000 8222", "13800008222"),
        ("13800008222.0", "13800008222"),
        ("（021）6000 0369", "02160000369"),
        ("0871-60009735转801", "087160009735-801"),
        ("+852 2123 4567", "+852 2123 4567"),
    ],
)
def test_a_telephone_number_is_read_in_its_usual_forms(typed: Any, kept: str):
    [contact] = a_row(联系人="赵一", 联系电话=typed).contacts
    assert contact.phone is not None and contact.phone.reveal() == kept


@pytest.mark.rule("CLI-012")
def test_other_fields_that_nothing_depends_on_refuse_only_themselves():
    draft = a_row(省份="火星", 客户分类="Z", 地址="路" * 301)
    assert {(level, rule) for level, _, rule in findings(draft)} == {(Level.FIELD, "CLI-012")}
    assert (draft.province, draft.classification, draft.address, draft.refused) == ("", None, "", False)


def test_several_people_in_one_cell_are_taken_apart():
    draft = a_row(联系人及电话="窦听行(行政主管)13900007325；曹砚舟（法务）0871-60009601; 李舟 139 0000 0000")
    told = [
        (contact.name.reveal(), contact.title, contact.phone and contact.phone.reveal()) for contact in draft.contacts
    ]
    assert told == [
        ("窦听行", "行政主管", "13900007325"),
        ("曹砚舟", "法务", "087160009601"),
        ("李舟", "", "13900000000"),
    ]


@pytest.mark.rule("CLI-002")
def test_the_kind_is_told_by_its_column_or_by_the_number():
    person = a_resident_id()
    assert a_row(证件号码=person).number_kind == NumberKind.RESIDENT_ID
    assert a_row(证件号码=person, 客户类型="个人").kind == Kind.INDIVIDUAL
    assert a_row(证件号码="E00001714").number_kind == NumberKind.PASSPORT
    assert a_row(证件号码="AB1234567890", 证件类型="护照").number_kind == NumberKind.PASSPORT
    assert findings(a_row(证件号码=person, 客户类型="企业"))[0][2] == "CLI-001"
    assert findings(a_row(证件号码=person[:-1], 所属行业="个人"))[0][2] == "CLI-002"


def test_a_row_without_a_number_is_not_refused_by_itself():
    draft = a_row(证件号码="无")
    assert (draft.number, draft.refused) == (None, False)


def test_classes_and_places_are_read_in_their_usual_forms():
    classes = [a_row(客户分类=told).classification for told in ("A", "ａ", "B类", " c ")]
    assert classes == [Classification.A, Classification.A, Classification.B, Classification.C]
    draft = a_row(省市="云南省昆明市")
    assert (draft.province, draft.city) == ("53", "昆明市")


def test_the_client_is_what_the_row_says():
    draft = a_row(客户编号=" ｓｈ－00030 ", 建档日期="2022.9.24", 客户经理="程望舒 ", 联系人="赵一")
    client = draft.client("cli-1", "sh", ())
    assert (client.code, client.name, client.manager_name) == ("SH-00030", "甲有限公司", "程望舒")
    assert (client.contacts[0].id, str(client.on_file_since_on)) == ("cli-1-1", "2022-09-24")


WRONG = a_resident_id(1)[:-1] + a_resident_id(2)[-1]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"客户名称": "阿卜杜拉·买买提", "证件号码": WRONG}, "阿**"),
        ({"客户名称": "Mary Johnson", "证件号码": "?", "客户类型": "个人客户"}, "M**"),
        ({"客户名称": "Mary Johnson", "证件号码": "1"}, "M**"),
        ({"客户名称": "王芳", "证件号码": "无", "客户类型": "个人客户", "所属行业": "教育"}, "王**"),
        ({"客户名称": "欧阳娜娜子", "证件号码": "无", "所属行业": "教育"}, "欧**"),
        ({"客户名称": "王芳", "证件号码": a_resident_id(), "客户类型": "VIP"}, "王**"),
        ({"客户名称": "尼格买提·热合曼", "证件号码": "", "所属行业": "个人"}, "尼**"),
        ({"客户名称": "岫云", "证件号码": a_uscc()}, "岫云"),
        ({"客户名称": "岫云", "证件号码": a_uscc()[:-1] + "Q"}, "岫云"),
        ({"客户名称": "岫云", "证件号码": "无", "客户类型": "企业 客户"}, "岫云"),
        ({"客户名称": "岫云", "证件号码": "无", "客户类型": "机构客户"}, "岫云"),
        ({"客户名称": "岫云精密机械厂", "证件号码": "1"}, "岫云精密机械厂"),
        ({"客户名称": "岫云实验学校(东区)", "证件号码": WRONG}, "岫云实验学校(东区)"),
        ({"客户名称": "Xiuyun Co., Ltd.", "证件号码": "无"}, "Xiuyun Co., Ltd."),
    ],
)
def test_a_name_is_shown_only_where_the_row_says_that_it_is_no_persons(cells: dict[str, str], kept: str):
    assert a_row(**cells).shown == kept


def test_an_individual_signs_for_himself_and_his_name_is_shown_masked():
    draft = a_row(客户名称="花 禾", 证件号码=a_resident_id(), 联系人="花禾", 职务="本人", 地址="上海市")
    client = draft.client("cli-1", "sh", ())
    assert client.contacts[0].may_sign
    assert (draft.shown, client.name, client.address) == ("花**", None, None)
    assert client.person_address is not None and client.person_address.reveal() == "上海市"
