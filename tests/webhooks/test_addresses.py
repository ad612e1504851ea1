"""Calls to addresses that somebody else chose: public ones only."""

import socket
from ipaddress import ip_address

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver

from posthouse.webhooks.addresses import may_be_called, objection, public
from posthouse.webhooks.connector import connector
from tests.vendors.peer import Asked, Failure, Peer, serving

INSIDE = (
    "127.0.0.1 127.8.8.8 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.1 "
    "100.100.100.200 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 "
    "240.0.0.1 255.255.255.255 192.88.99.1 168.63.129.16 "
    "::1 :: ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::8.8.8.8 64:ff9b::808:808 64:ff9b::7f00:1 64:ff9b:1::1 "
    "2002:7f00:1:: 2002:808:808:: 2001::1 2001:db8::1 3fff::1 fe80::1 fec0::1 fc00::1 fd12::1 ff02::1 "
    "100::1 5f00::1"
)
OUTSIDE = "8.8.8.8 1.1.1.1 223.5.5.5 172.15.0.1 100.128.0.1 2606:4700:4700::1111 2400:3200::1"


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_inside_are_not_public(address):
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE.split())
def test_addresses_outside_are(address):
    assert public(ip_address(address))


@pytest.mark.parametrize("port", [22, 25, 6379, 8025, 0, 65535])
def test_only_ports_of_web_servers_may_be_called(port):
    assert not may_be_called(ip_address("8.8.8.8"), port)
    assert may_be_called(ip_address("8.8.8.8"), 443)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://127.0.0.1/", "no public address"),
        ("https://[::1]/", "no public address"),
        ("https://[::ffff:10.0.0.1]/", "no public address"),
        ("http://localhost/", "no public name"),
        ("https://2130706433/", "no public name"),
        ("https://8.8.8.8:22/", "port"),
        ("https://a.example:99999/", "no address"),
        ("https://me:word@a.example/", "user or password"),
        ("ftp://a.example/", "begin with"),
        ("file:///etc/passwd", "begin with"),
        ("a.example", "begin with"),
        ("https:///x", "begin with"),
        ("https://[::1/", "no address"),
    ],
)
def test_what_may_not_be_called_is_told_in_a_sentence(url, why):
    assert why in str(objection(url))


@pytest.mark.parametrize("url", ["https://a.example", "http://8.8.8.8/x?y", "https://a.example:8443/z"])
def test_a_public_address_has_nothing_against_it(url):
    assert objection(url) is None


class Echo(Peer):
    """Answers anything."""

    async def answer(self, asked: Asked) -> web.Response:
        return web.Response(text=asked.target)

    def error(self, asked: Asked, failure: Failure) -> web.Response:
        return web.Response(status=500)


class Told(AbstractResolver):
    """Names that lead where a test says."""

    def __init__(self, *addresses):
        self.addresses = addresses

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in self.addresses
        ]

    async def close(self):
        pass


async def refused(url, *addresses, allowed=None):
    async with aiohttp.ClientSession(connector=connector(allowed, Told(*addresses))) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(url)
    return str(caught.value.os_error.strerror)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["2606:4700::1", "::1"]])
async def test_a_name_with_any_address_inside_is_not_called(addresses):
    told = await refused("http://a.example/", *addresses)
    assert "not public" in told
    assert not [each for each in addresses if each in told], "who chose the name learns where it leads"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254"])
async def test_an_address_inside_is_not_called_even_by_number(host):
    assert "not public" in await refused(f"http://{host}/")


async def test_an_address_that_changes_between_check_and_call_gains_nothing():
    """The resolver lets it pass, the socket does not."""
    asked = []

    def allowed(address, port):
        asked.append(str(address))
        return len(asked) == 1

    assert "not public" in await refused("http://a.example/", "127.0.0.1", allowed=allowed)
    assert asked == ["127.0.0.1", "127.0.0.1"]


async def test_what_may_be_called_is():
    async with serving(Echo()) as url:
        port = url.rpartition(":")[2]
        async with (
            aiohttp.ClientSession(connector=connector(lambda *_: True, Told("127.0.0.1"))) as session,
            session.get(f"http://a.example:{port}/x") as answer,
        ):
            assert answer.status == 200
