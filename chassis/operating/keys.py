"""`baoqiao keys`: the keys that seal fields, made and rotated. The identity service adds those that sign tokens."""

import json
import secrets
from base64 import b64encode
from pathlib import Path
from typing import Annotated, Any

import typer

from chassis.operating.desk import Told, all_services, at, progress, run, say, tell
from chassis.resealing import reseal
from chassis.settings import Settings, read

app = typer.Typer(help=say("密钥", "Keys"), no_args_is_help=True)
KEY_BYTES = 32


@app.command()
def create() -> None:
    """创建首个字段密钥文件;已有的不会改动 · Make the first file of field keys; one that is there is left as it is.

    The folder of BAOQIAO_KEYS_DIR must be there. Whoever loses the file loses what it seals.
    """
    run(_make_first(read(Settings).keys_dir / "field-keys.json"))


async def _make_first(file: Path) -> None:
    _claim(file)
    _write(file, {"current": "k1", "keys": {"k1": _new_key()}, "hash": _new_key()})
    tell(
        f"已创建 {file}。请另存一份:没有它,一切加密内容都无法读取",
        f"{file} is made. Keep a copy elsewhere: without it nothing that is sealed can be read",
    )


@app.command()
def rotate(
    forget: Annotated[
        bool, typer.Option("--forget", help=say("最后一步之后删除旧密钥", "after the last step, take the old keys out"))
    ] = False,
) -> None:
    """更换字段密钥:每次运行走下一步 · Rotate the field keys: each run takes the next step and says what comes then.

    1. A new key is added to field-keys.json. 2. It seals from now on. 3. What older keys sealed is sealed anew, in
    every service; broken off, this goes on when it is run again. After 1 and 2 every process must be restarted.
    """
    run(_next_step(read(Settings).keys_dir / "field-keys.json", forget=forget))


async def _next_step(file: Path, *, forget: bool) -> None:
    told = _read(file)
    newest = list(told["keys"])[-1]
    if len(told["keys"]) == 1:
        added = _next_id(newest)
        told["keys"][added] = _new_key()
        _write(file, told)
        tell(
            f"第 1 步:已加入密钥 {added}。请逐个重启所有进程,然后再次运行 baoqiao keys rotate",
            f"Step 1: {added} is added. Restart every process, one by one, then run baoqiao keys rotate again",
        )
    elif told["current"] != newest:
        _write(file, told | {"current": newest})
        tell(
            f"第 2 步:{newest} 已启用。请逐个重启所有进程,然后再次运行 baoqiao keys rotate",
            f"Step 2: {newest} seals now. Restart every process, one by one, then run baoqiao keys rotate again",
        )
    else:
        await _reseal_all(newest)
        if forget:
            _write(file, told | {"keys": {newest: told["keys"][newest]}})
            tell("旧密钥已删除", "The old keys are out")


async def _reseal_all(newest: str) -> None:
    left = sum([await _reseal(service) for service in all_services()])
    if left:
        raise Told(f"剩余 {left} 处在此期间被修改;请再次运行", f"{left} were changed meanwhile; run it again")
    tell(
        f"第 3 步完成:一切均由 {newest} 加密。Kafka 保留期(缺省 7 天)过后,用 --forget 删除旧密钥;旧备份仍需要它们",
        f"Step 3 is done: everything is sealed with {newest}. When Kafka's retention (7 days by default) has passed, "
        "--forget takes the old keys out; older backups still need them",
    )


async def _reseal(service: str) -> int:
    async with at(service) as host:
        with progress(f"{service}:重新加密", f"{service}: sealing anew") as shown:
            done = await reseal(host.db, lambda _, count: shown(count))
    tell(f"{service}:重新加密 {done.changed} 处", f"{service}: {done.changed} sealed anew")
    return done.left


def _claim(file: Path) -> None:
    """Make the file, empty: it is nobody else's then."""
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise Told(
            f"未创建 {file}:{error.strerror};见 BAOQIAO_KEYS_DIR",
            f"{file} is not made: {error.strerror}; see BAOQIAO_KEYS_DIR",
        ) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise Told(
            f"无法读取 {file}:{error};见 BAOQIAO_KEYS_DIR", f"{file} cannot be read: {error}; see BAOQIAO_KEYS_DIR"
        ) from error


def _write(file: Path, told: dict[str, Any]) -> None:
    """Beside it first, then in its place: no process ever reads half a file."""
    new = file.with_suffix(".new")
    try:
        new.touch(mode=0o600)
        new.write_text(json.dumps(told, indent=1) + "\n")
        new.replace(file)
    except OSError as error:
        raise Told(
            f"无法写入 {file}:{error}。请在存放密钥之处运行,再把文件分发给各进程",
            f"{file} cannot be written: {error}. Run it where the keys are kept, then hand it to the processes",
        ) from error


def _new_key() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _next_id(newest: str) -> str:
    """`k2` after `k1`; after a name without a number, that name with a 2."""
    name = newest.rstrip("0123456789")
    return f"{name}{int(newest[len(name) :] or 1) + 1}"
