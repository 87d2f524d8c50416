"""What identity adds to the operator's command: the first administrator, and the keys that sign tokens."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from chassis.operating.desk import Told, at, run, say, tell
from chassis.operating.keys import app as keys
from chassis.refusals import Refusal
from contracts.personal import EmailAddress
from services.identity.branches.actions import found_headquarters
from services.identity.branches.model import HEADQUARTERS_ID
from services.identity.keys.actions import rotate
from services.identity.roles.actions import renew_default_roles
from services.identity.users.actions import add_administrator

admin = typer.Typer(help=say("管理员", "Administrators"), no_args_is_help=True)
SERVICE = "identity"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(admin, name="admin")
    keys.command("rotate-signing")(rotate_signing)


@admin.callback()
def group() -> None:
    """管理员 · Administrators."""


@admin.command()
def create(
    login: Annotated[str, typer.Option(help=say("登录名", "sign-in name"))],
    password_file: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help=say("首行为密码,至少 12 个字符", "its first line is the password, 12 characters or more"),
        ),
    ],
    name: Annotated[str, typer.Option(help=say("姓名", "name"))] = "系统管理员",
    email: Annotated[str, typer.Option(help=say("邮箱", "address"))] = "admin@baoqiao.example",
    headquarters: Annotated[str, typer.Option(help=say("总公司名称", "name of headquarters"))] = "总公司",
    code: Annotated[str, typer.Option(help=say("总公司代码", "code of headquarters"))] = "HQ",
    region: Annotated[str, typer.Option(help=say("省份,GB/T 2260 两位", "province, two digits of GB/T 2260"))] = "31",
    since: Annotated[str, typer.Option(help=say("首日 YYYY-MM-DD,缺省今天", "first day, YYYY-MM-DD; today"))] = "",
) -> None:
    """建立总公司、缺省角色与管理员 · Make headquarters, the default roles and an administrator; may run again.

    What exists stays as it is; an existing login keeps its password.
    """
    password = (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]

    async def act() -> None:
        async with at(SERVICE) as host:
            await host.prepare()
            work = host.system_work()
            first_day = date.fromisoformat(since) if since else work.today
            branch, made = await found_headquarters(code, headquarters, region, first_day, work)
            tell(
                f"总公司 {branch.code} {branch.name}:{'已建立' if made else '已存在'}",
                f"Headquarters {branch.code} {branch.name}: {'made' if made else 'exists'}",
            )
            roles = await renew_default_roles(work)
            tell(
                f"缺省角色:{f'建立或更新 {roles} 个' if roles else '已是最新'}",
                f"Default roles: {f'{roles} made or renewed' if roles else 'up to date'}",
            )
            address = EmailAddress(EmailAddress.cleaned(email))
            user, made = await add_administrator(login, name, address, password, HEADQUARTERS_ID, work)
            tell(
                f"管理员 {user.login}:{'已建立' if made else '已存在,密码不变'}",
                f"Administrator {user.login}: {'made' if made else 'exists, password unchanged'}",
            )

    run(_refusing(act))


async def _refusing(act: Callable[[], Awaitable[None]]) -> None:
    """What a rule refuses is told in a sentence."""
    try:
        await act()
    except Refusal as refused:
        faults = [say(fault.zh, fault.en) for fault in refused.faults]
        told = [refused.say(say("zh", "en")), *faults, refused.todo(say("zh", "en"))]
        raise Told("。".join(told), ". ".join(told)) from refused
    except ValueError as error:
        raise Told(f"未接受:{error}", f"Not accepted: {error}") from error


def rotate_signing(
    compromised: Annotated[
        bool,
        typer.Option(
            "--compromised", help=say("旧密钥已泄露:立即作废", "the old keys are known to somebody: void them at once")
        ),
    ] = False,
) -> None:
    """立即更换签名密钥 · Make the next key that signs access tokens, whatever the schedule.

    It is published for an hour before it signs, and nobody notices. If the old ones are compromised it signs at once:
    access tokens are refused when the copies of the key set are renewed, in five minutes.
    """

    async def act() -> None:
        async with at(SERVICE) as host:
            signs_from = await rotate(host.system_work(), compromised=compromised)
        at_ = signs_from.isoformat(timespec="minutes")
        tell(
            f"新密钥自 {at_} 起签名{';旧密钥已作废' if compromised else ''}",
            f"A new key signs from {at_}{'; the old ones are void' if compromised else ''}",
        )

    run(act())
