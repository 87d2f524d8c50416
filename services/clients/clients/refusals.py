"""What is refused about clients, each by its name."""

from chassis.refusals import Conflict, Invalid, Missing


class ClientNotFound(Missing):
    """No such client, or not in the caller's branches."""

    rule = "SYS-007"
    zh = "没有客户 {id}"
    en = "There is no client {id}"
    todo_zh = "请核对客户编号;其他机构的客户不可见"
    todo_en = "Check the id; clients of other branches cannot be seen"


class ContactNotFound(Missing):
    """The client has no such contact."""

    rule = "CLI-009"
    zh = "该客户没有联系人 {id}"
    en = "The client has no contact {id}"


class ClientIncomplete(Invalid):
    """Fields are missing, impossible or contradictory; each is named."""

    rule = "CLI-009"
    zh = "客户资料有 {count} 处问题"
    en = "The client's data have {count} fault(s)"
    todo_zh = "请按所列各项更正后重新提交"
    todo_en = "Correct the fields named and send it again"


class NumberInvalid(Invalid):
    """A USCC that is not one."""

    rule = "CLI-001"
    zh = "统一社会信用代码无效:{zh}"
    en = "The USCC is not valid: {en}"
    todo_zh = "请按营业执照核对;系统不猜测、不补位"
    todo_en = "Check it against the business licence; nothing is guessed or filled in"


class PersonalNumberInvalid(NumberInvalid):
    """A resident identity or passport number that is not one."""

    rule = "CLI-002"
    zh = "个人证件号码无效:{zh}"
    en = "The personal identity number is not valid: {en}"
    todo_zh = "请按证件核对;系统不猜测、不补位"
    todo_en = "Check it against the document; nothing is guessed or filled in"


class NumberTaken(Conflict):
    """Somebody is on file with this identity number; nothing is said of who or where."""

    rule = "CLI-003"
    zh = "该证件号码已在其他机构建档"
    en = "Another branch has a client with this identity number on file"
    todo_zh = "请联系上级机构协调;必要时走项目报备"
    todo_en = "Ask the office above both branches; register the project if you pursue it"


class AlreadyOnFile(Conflict):
    """A client that the caller can see is the same one."""

    rule = "CLI-003"
    zh = "该客户已建档:{code}({id})"
    en = "This client is on file already: {code} ({id})"
    todo_zh = "请使用已有档案;如确为另一客户,请填写其证件号码"
    todo_en = "Use the record that exists; if it is another client, give his identity number"


class NameTaken(Conflict):
    """The same name without a number is on file in another branch; nothing is said of who or where."""

    rule = "CLI-003"
    zh = "其他机构已有同名客户,须以证件号码区分"
    en = "Another branch has a client of this name; an identity number must tell them apart"
    todo_zh = "请填写证件号码后重新提交"
    todo_en = "Give the identity number and send it again"


class NumberMissing(Conflict):
    """A client without an identity number."""

    rule = "CLI-004"
    zh = "客户 {id} 尚无证件号码"
    en = "Client {id} has no identity number yet"
    todo_zh = "请先补录统一社会信用代码、居民身份证或护照号码"
    todo_en = "Enter the USCC, resident identity or passport number first"


class CodeTaken(Conflict):
    """The branch uses this code for another client."""

    rule = "CLI-005"
    zh = "该客户编号已用于本机构另一客户"
    en = "The branch has given this code to another client"
    todo_zh = "请改用其他编号,或留空由系统编号"
    todo_en = "Choose another code, or leave it out to get the next one"


class GroupCycle(Conflict):
    """The parent would stand below its own subsidiary."""

    rule = "CLI-006"
    zh = "上级单位 {parent} 位于该客户之下,不能成环"
    en = "The parent {parent} stands below this client; a group is no circle"
    todo_zh = "请先调整集团内的上下级关系"
    todo_en = "Change the places of the companies in between first"


class ParentNotACompany(Invalid):
    """A person heads no group."""

    rule = "CLI-006"
    zh = "上级单位须为企业客户"
    en = "The parent of a group is a company"


class NotMergeable(Conflict):
    """Two records that are not one client."""

    rule = "CLI-007"
    zh = "两份档案不能合并:{zh}"
    en = "The two records cannot be merged: {en}"
    todo_zh = "请核对两份档案的类型与证件号码"
    todo_en = "Check kind and identity number of both"


class RecordMerged(Conflict):
    """The record was merged; it does not change any more."""

    rule = "CLI-007"
    zh = "该档案已并入 {into}"
    en = "This record was merged into {into}"
    todo_zh = "请在保留的档案上操作"
    todo_en = "Do it on the record that stayed"


class TooManyContacts(Conflict):
    """More contacts than a record holds."""

    rule = "CLI-009"
    zh = "联系人不能超过 {most} 名"
    en = "A client has at most {most} contacts"
