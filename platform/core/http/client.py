"""Who is at the other end of a request, as far as the network knows."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the browser's address as the front door saw it; what the browser itself claims is not asked.

    Behind proxies that append to X-Forwarded-For (a load balancer, a CDN) it is the entry that the outermost of
    ``settings.PROXY_HOPS`` of them wrote: what stands left of it the browser may have sent. Our own front door
    sets X-Real-IP instead, and is believed because it speaks from one of ``settings.INTERNAL_NETWORKS``.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    if settings.PROXY_HOPS:
        told = [entry.strip() for entry in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        found = told[-settings.PROXY_HOPS] if len(told) >= settings.PROXY_HOPS else ""
    else:
        found = str(request.META.get("HTTP_X_REAL_IP", "")) if is_internal(peer) or not peer else ""
    return found if _is_address(found) else peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def network_of(ip: str) -> str:
    """Return what one subscriber holds of the address space: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, IPv4Address):
        return ip
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, 64), strict=False))


def is_internal(address: str) -> bool:
    """Return whether this is an address of one of ``settings.INTERNAL_NETWORKS``."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in _networks(settings.INTERNAL_NETWORKS))


@lru_cache(maxsize=4)
def _networks(written: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(found) for found in written)
