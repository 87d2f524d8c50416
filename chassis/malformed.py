"""What pydantic finds wrong with what was sent, told in the caller's language."""

from collections.abc import Mapping, Sequence
from typing import Any

CHINESE = {
    "missing": "必填",
    "extra_forbidden": "不认识的字段",
    "string_type": "须为文本",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不符,须匹配 {pattern}",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "float_type": "须为数字",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "list_type": "须为列表",
    "tuple_type": "须为列表",
    "dict_type": "须为对象",
    "model_type": "须为对象",
    "model_attributes_type": "须为对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "须不小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "须不大于 {le}",
    "enum": "须为下列之一:{expected}",
    "literal_error": "须为下列之一:{expected}",
    "date_type": "须为日期,如 2026-03-02",
    "date_parsing": "须为日期,如 2026-03-02",
    "date_from_datetime_parsing": "须为日期,如 2026-03-02",
    "date_from_datetime_inexact": "须为日期,如 2026-03-02",
    "datetime_type": "须为时间,如 2026-03-02T09:00:00+08:00",
    "datetime_parsing": "须为时间,如 2026-03-02T09:00:00+08:00",
    "datetime_from_date_parsing": "须为时间,如 2026-03-02T09:00:00+08:00",
    "timezone_aware": "时间须带时区,如 2026-03-02T09:00:00+08:00",
    "json_invalid": "不是有效的 JSON",
    "value_error": "取值无效:{error}",
    "union_tag_invalid": "须为下列之一:{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
}
MOST_TOLD = 100


def faults(found: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    """Each fault with a JSON pointer (or /query/…, /header/…, /path/…) and the reason; at most 100."""
    return [{"pointer": _pointer(fault["loc"]), "detail": _reason(fault, language)} for fault in found[:MOST_TOLD]]


def _pointer(location: Sequence[Any]) -> str:
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    return "/" + "/".join(parts[1:] if parts and parts[0] == "body" else parts)


def _reason(fault: Mapping[str, Any], language: str) -> str:
    words = CHINESE.get(fault["type"])
    if language != "zh" or words is None:
        return str(fault["msg"])
    return words.format_map(_Told(fault.get("ctx") or {}))


class _Told(dict[str, Any]):
    """Placeholders that pydantic gives no value for stay out of the sentence."""

    def __missing__(self, key: str) -> str:
        return ""
