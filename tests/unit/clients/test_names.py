"""Names are compared and searched as people write them."""

import pytest

from services.clients.clients import names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("花　 禾", "花禾"),
        (" 砚海 昱泰药业股份有限公司 ", "砚海昱泰药业股份有限公司"),
        ("ＡＢＣ　Insurance  （中国） 有限公司", "ABC Insurance（中国）有限公司"),
        ("Anna   Maria Smith", "Anna Maria Smith"),
        ("云泽\u200b恒泰", "云泽恒泰"),
        ("阿依 • 努尔", "阿依·努尔"),
    ],
)
def test_a_name_is_kept_without_stray_spaces(typed: str, kept: str):
    assert names.cleaned(typed) == kept


@pytest.mark.rule("CLI-003")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("临岚嘉泰置业(岚溪)有限公司", "临岚嘉泰置业（岚溪）有限公司"),
        ("澜浦恒桓新材料有限公司", "澜浦恒桓新材料有限责任公司"),
        ("花禾", "花 禾"),
        ("阿依·努尔", "阿依・努尔"),
        ("阿依·努尔", "阿依‧努尔"),
    ],
)
def test_brackets_spaces_and_legal_form_make_no_other_name(one: str, other: str):
    assert names.name_key(one) == names.name_key(other)


@pytest.mark.rule("CLI-003")
def test_other_differences_make_another_name():
    assert names.name_key("澜浦恒桓有限公司") != names.name_key("澜浦恒桓股份有限公司")
    assert names.name_key("澜浦恒桓有限公司") != names.name_key("澜浦恒垣有限公司")


def test_pinyin_knows_the_readings_that_company_names_need():
    assert names.pinyin("重庆长江银行") == "chongqingchangjiangyinhang"
    assert names.initials("启朗电子ABC科技有限公司") == "qldzabckj"


def test_every_two_neighbouring_characters_begin_a_key():
    keys = names.company_keys("雾汀启朗电子有限公司")
    assert all(any(key.startswith(pair) for key in keys) for pair in names.pairs("雾汀启朗电子有限公司"))


def test_a_name_of_nothing_but_its_legal_form_is_still_found():
    assert names.core("有限公司") == "有限公司"
    assert names.company_keys("有限公司")
