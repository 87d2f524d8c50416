"""The company stands: everybody signs in and sees his own branches."""

from deploy.local.company import Company


async def test_everybody_sees_the_branches_that_are_his(company: Company):
    assert len((await (await company.person("gm.hq")).get("/identity/branches"))["items"]) == 4
    seen = (await (await company.person("bm.gd")).get("/identity/branches"))["items"]
    assert {branch["code"] for branch in seen} == {"GD", "SZ"}
