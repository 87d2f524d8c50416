"""Who is insured: companies in clear, natural persons sealed."""

import pytest
from pydantic import BaseModel

from services.placement.gates.insured import Insured, InsuredName, Sealed, as_kept, in_clear, named

OURS = "云泽嘉垣"


@pytest.mark.parametrize(
    "name",
    [
        "深圳市南山华宇精密电子制造有限公司",
        "沐渡(上海)企业管理咨询合伙企业(有限合伙)",
        "青禾镇人民政府",
        "市第三人民医院",
        "Huayu (Huizhou) Properties Co., Ltd.",
        "Siemens Energy AG",
        "甲公司、乙公司",
        OURS,
        " 云泽嘉垣。",
    ],
)
def test_an_organisation_stays_in_clear(name: str):
    assert named(name, OURS) == name.strip()


@pytest.mark.parametrize(
    "name",
    [
        "王小明",
        "欧阳景行",
        "阿卜杜热合曼·买买提",
        "John Smith",
        "王小明、李华",
        "王小明(云泽嘉垣公司员工)",
        "王小明、乙公司",
        "云泽物流",
        "王" * 300,
    ],
)
def test_whoever_is_no_organisation_for_sure_is_sealed(name: str):
    kept = named(name, OURS)
    assert isinstance(kept, InsuredName)
    assert (in_clear([kept]), str(kept)) == ((name,), f"{name[0]}**")


def test_a_name_that_comes_back_as_it_was_shown_stays_what_it_was():
    before = [named("李华"), "甲公司", named("王小明")]
    shown = [str(name) for name in before]
    assert in_clear(as_kept(named(name), before) for name in shown) == ("李华", "甲公司", "王小明")
    assert in_clear([as_kept(named("王大锤"), before)]) == ("王大锤",)


class Shown(BaseModel):
    names: list[Insured]
    one: int | str | Sealed | None


def test_text_is_never_taken_for_a_sealed_name_nor_the_other_way_round():
    person = InsuredName("王小明")
    kept = Shown(names=["甲公司", person], one=person)
    again = Shown.model_validate(kept.model_dump())
    assert [type(name) for name in again.names] == [str, InsuredName]
    assert again.model_dump(mode="json") == {"names": ["甲公司", "王**"], "one": "王**"}
    assert [type(name) for name in Shown.model_validate_json('{"names": ["王小明"], "one": "5"}').names] == [str]
