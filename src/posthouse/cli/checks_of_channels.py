"""What `doctor` looks at in channels: whether each can be connected, and whether its vendor can call back."""

from posthouse.bootstrap.connections import Adapters
from posthouse.bootstrap.house import House
from posthouse.cli.finding import Finding, well, wrong
from posthouse.core.ports.channels import ListChannelRecords
from posthouse.core.ports.vendor import Receipts

_PUSHES = (Receipts.PUSH, Receipts.BOTH)


async def examine_channels(house: House) -> list[Finding]:
    """Nothing is asked of a vendor here: `posthouse channels test` does that."""
    records = [each for each in await house.store.read(ListChannelRecords()) if not each.channel.simulated]
    if not records:
        return [well("channels", "the simulator alone: nothing is sent for real")]
    adapters = Adapters(house.vault, house.settings.public_url)
    found: list[Finding] = []
    deaf: list[str] = []
    for record in records:
        name = record.channel.name
        try:
            capabilities = adapters.make(record).capabilities
        except ValueError as error:
            fix = f"`posthouse channels set {name} --set …`, or `posthouse channels rotate {name} --set …`"
            found.append(wrong(f"channel {name}", str(error), fix))
        else:
            if capabilities.receipts in _PUSHES and not house.settings.public_url:
                deaf.append(name)
    if deaf:
        told = f"{', '.join(deaf)}: the vendor cannot call back, so receipts come late or not at all"
        fix = (
            "set POSTHOUSE_PUBLIC_URL to where vendors reach this server, and give each vendor the address "
            "that `posthouse channels show NAME` tells"
        )
        found.append(wrong("callbacks", told, fix))
    return found or [well("channels", f"{len(records)} can be connected")]
