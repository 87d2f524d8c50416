"""The company stands: everybody signs in and sees what is his."""

from deploy.local.company import Company


async def test_everybody_sees_the_people_of_his_own_branches(company: Company):
    everybody = (await (await company.person("gm.hq")).get("/identity/users", limit=200))["items"]
    assert len(everybody) == len(company.users) + 1
    seen = (await (await company.person("bm.gd")).get("/identity/users", limit=200))["items"]
    assert {user["branch"] for user in seen} == {company.branches["GD"], company.branches["SZ"]}
