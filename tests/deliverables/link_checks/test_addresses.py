"""What is a public address, and what a look-up may return."""

import socket
import threading
import time

import pytest

from deliverables.link_checks.addresses import Deadline, NoSuchName, Refused, is_public, public_addresses

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::5db8:d822"]
NOT_PUBLIC = {
    "this network": "0.0.0.0",
    "loopback": "127.0.0.1",
    "all of loopback": "127.255.255.254",
    "private 10": "10.0.0.1",
    "private 172": "172.31.255.255",
    "private 192": "192.168.1.1",
    "cloud metadata": "169.254.169.254",
    "metadata of Oracle": "192.0.0.192",
    "metadata of Alibaba, shared": "100.100.100.200",
    "agent of Azure": "168.63.129.16",
    "shared by a provider": "100.64.0.1",
    "documentation": "203.0.113.7",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "multicast on the internet": "233.252.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "relays of 6to4": "192.88.99.1",
    "IPv6 unspecified": "::",
    "IPv6 loopback": "::1",
    "IPv4-mapped loopback": "::ffff:127.0.0.1",
    "IPv4-mapped, public": "::ffff:93.184.216.34",
    "IPv4-compatible": "::127.0.0.1",
    "link-local": "fe80::1",
    "link-local with a scope": "fe80::1%lo",
    "public with a scope": "2606:4700::1111%lo",
    "site-local": "fec0::1",
    "unique local": "fd00:ec2::254",
    "IPv6 multicast": "ff02::1",
    "IPv6 documentation": "2001:db8::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 of a public one": "2002:5db8:d822::1",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 of the metadata": "64:ff9b::a9fe:a9fe",
    "NAT64 of a private one": "64:ff9b::a00:1",
    "local NAT64": "64:ff9b:1::5db8:d822",
    "discarded": "100::1",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_any_other_address_is_not(address):
    assert not is_public(address)


def look_up(*addresses):
    def answer(host, port, **options):
        return [found for address in addresses for found in socket.getaddrinfo(address, port, **options)]

    return answer


def test_a_host_with_one_address_that_is_not_public_is_refused():
    with pytest.raises(Refused):
        public_addresses("docs.example", 443, Deadline(5), look_up("93.184.216.34", "10.0.0.1"))


def test_the_addresses_are_returned_with_their_port():
    found = public_addresses("docs.example", 443, Deadline(5), look_up("93.184.216.34", "2606:4700::1111"))
    assert found == [(socket.AF_INET, ("93.184.216.34", 443)), (socket.AF_INET6, ("2606:4700::1111", 443, 0, 0))]


@pytest.mark.parametrize(("code", "error"), [(socket.EAI_NONAME, NoSuchName), (socket.EAI_AGAIN, socket.gaierror)])
def test_that_there_is_no_such_name_is_told_apart_from_no_answer(code, error):
    def fail(*args, **options):
        raise socket.gaierror(code, "as said")

    with pytest.raises(error):
        public_addresses("docs.example", 443, Deadline(5), fail)


def test_a_look_up_that_hangs_is_left_behind():
    released, start = threading.Event(), time.monotonic()
    with pytest.raises(TimeoutError):
        public_addresses("docs.example", 443, Deadline(0.3), lambda *args, **options: released.wait(20))
    released.set()
    assert time.monotonic() - start < 5
