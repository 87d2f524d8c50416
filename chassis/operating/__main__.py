"""`baoqiao`, the operator's command; without the script of that name, `python -m chassis.operating`.

It reads the same settings as the services (docs/configuration.md), with a user of MongoDB and Kafka that may do it.
"""

import typer

from chassis import logs
from chassis.operating import backup, copies, doctor, events, keys, outbox, parked, preparing, restore, securing
from chassis.operating.desk import add_commands_of_services, say

app = typer.Typer(
    help=say("运维命令", "The operator's command"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("doctor")(doctor.doctor)
app.command("prepare")(preparing.prepare)
app.command("secure")(securing.secure)
app.command("outbox")(outbox.outbox)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.add_typer(events.app, name="events")
app.add_typer(parked.app, name="parked")
app.add_typer(copies.app, name="copies")
app.add_typer(keys.app, name="keys")
add_commands_of_services(app)

if __name__ == "__main__":
    logs.configure("WARNING")  # what is said on the way is the command's own
    app(prog_name="baoqiao")
