"""What a call costs with nothing of ours around it: `python -m bench.bare URL CALLS` prints µs of CPU each.

Machines and hours differ by half and more; what is measured beside this travels.
"""

import asyncio
import subprocess
import sys
import time

import aiohttp
import uvloop

BARE_US = 88
"""Of such a call on the machine that the bars of vendors' figures come from."""

_AT_ONCE = 64
_BODY = b'{"id":"sms_0365nsatjy801.1","to":"+8613800138000","text":"hello, this is a text"}'


def bare_us(url: str, core: int, calls: int = 10_000) -> float:
    """CPU of one call of the same client to the same peer, on this core."""
    words = ["taskset", "-c", str(core), sys.executable, "-m", "bench.bare", url, str(calls)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout)


async def _measure(url: str, calls: int) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def call(times: int) -> None:
            for _ in range(times):
                async with http.post(url, data=_BODY, headers={"Content-Type": "application/json"}) as answer:
                    await answer.read()

        async def all_of(times: int) -> None:
            await asyncio.gather(*(call(times) for _ in range(_AT_ONCE)))

        await all_of(10)
        each = max(1, calls // _AT_ONCE)
        since_s = time.process_time()
        await all_of(each)
        return (time.process_time() - since_s) / (each * _AT_ONCE) * 1e6


if __name__ == "__main__":
    print(uvloop.run(_measure(sys.argv[1], int(sys.argv[2]))))
