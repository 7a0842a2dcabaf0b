"""A small kernel: what becomes of a packet by the rules that ``iptables-save`` prints.

https://www.netfilter.org/documentation/HOWTO/packet-filtering-HOWTO.html, iptables-extensions(8)
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_address, ip_network
from typing import NamedTuple

MASQUERADED = 0x4000


@dataclass(frozen=True, slots=True)
class Packet:
    src: IPv4Address
    dst: IPv4Address
    port: int
    protocol: str = "tcp"
    mark: int = 0
    translated: bool = False


class End(NamedTuple):
    """Where a packet got to: "sent" with its destination as it then is, "rejected" or "dropped"."""

    what: str
    packet: Packet


Chances = dict[End, float]


@dataclass(slots=True)
class Ruleset:
    own: frozenset[IPv4Address]
    """Addresses of the node itself."""
    tables: dict[str, dict[str, list[list[str]]]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, own: frozenset[IPv4Address]) -> Ruleset:
        found = cls(own)
        for line in text.splitlines():
            if line.startswith("*"):
                chains = found.tables.setdefault(line[1:], {})
            elif line.startswith(":"):
                chains[line[1:].split()[0]] = []
            elif line.startswith("-A"):
                _, name, *words = shlex.split(line)
                chains[name].append(words)
        return found

    def arrive(self, packet: Packet, *, from_here: bool) -> Chances:
        """First the nat table rewrites the destination, then the filter table may stop the packet."""
        ends: Chances = {}
        for (what, after), share in self._walk("nat", "OUTPUT" if from_here else "PREROUTING", packet).items():
            assert what in ("end", "accepted"), what
            # What a node sends to itself leaves by OUTPUT and comes in again by INPUT.
            last = ["INPUT"] if after.dst in self.own else [] if from_here else ["FORWARD"]
            for (verdict, done), rest in self._filtered([*(["OUTPUT"] if from_here else []), *last], after).items():
                end = End(verdict, done)
                ends[end] = ends.get(end, 0) + share * rest
        return ends

    def _filtered(self, hooks: list[str], packet: Packet) -> dict[tuple[str, Packet], float]:
        for hook in hooks:
            ((verdict, packet),) = self._walk("filter", hook, packet)
            if verdict not in ("end", "accepted"):
                return {(verdict, packet): 1.0}
        return {("sent", packet): 1.0}

    def _walk(self, table: str, chain: str, packet: Packet) -> dict[tuple[str, Packet], float]:
        """What the chain makes of the packet, with the chance of each; "end": it fell off the chain's end."""
        going = {packet: 1.0}
        done: dict[tuple[str, Packet], float] = {}
        for words in self.tables[table][chain]:
            later: dict[Packet, float] = {}
            for each, share in going.items():
                chance = self._matches(words, each)
                if chance < 1:
                    later[each] = later.get(each, 0) + share * (1 - chance)
                if not chance:
                    continue
                for (what, after), rest in self._target(table, words, each).items():
                    if what == "end":
                        later[after] = later.get(after, 0) + share * chance * rest
                    else:
                        key = ("end" if what == "returned" else what), after
                        done[key] = done.get(key, 0) + share * chance * rest
            going = later
        for each, share in going.items():
            done["end", each] = done.get(("end", each), 0) + share
        return {key: share for key, share in done.items() if share > 1e-9}

    def _target(self, table: str, words: list[str], packet: Packet) -> dict[tuple[str, Packet], float]:
        if "-j" not in words:
            return {("end", packet): 1.0}
        target = words[words.index("-j") + 1]
        match target:
            case "MARK":
                value, mask = (int(part, 16) for part in words[words.index("--set-xmark") + 1].split("/"))
                return {("end", replace(packet, mark=(packet.mark & ~mask) ^ value)): 1.0}
            case "DNAT":
                address, _, number = words[words.index("--to-destination") + 1].rpartition(":")
                sent = replace(packet, dst=IPv4Address(address), port=int(number), translated=True)
                return {("accepted", sent): 1.0}
            case "REJECT":
                return {("rejected", packet): 1.0}
            case "DROP":
                return {("dropped", packet): 1.0}
            case "ACCEPT":
                return {("accepted", packet): 1.0}
            case "RETURN":
                return {("returned", packet): 1.0}
        assert target in self.tables[table], f"a jump to {target}, which is no chain"
        return self._walk(table, target, packet)

    def _matches(self, words: list[str], packet: Packet) -> float:
        """The chance that a rule matches: 0, 1, or what its ``statistic`` says."""
        chance = 1.0
        negated = False
        rest = iter(words)
        for word in rest:
            if word == "!":
                negated = True
                continue
            if word in ("-j", "-g"):
                break
            holds: bool | None = None
            match word:
                case "-s":
                    holds = packet.src in ip_network(next(rest))
                case "-d":
                    holds = packet.dst in ip_network(next(rest))
                case "-p":
                    holds = packet.protocol == next(rest)
                case "--dport":
                    holds = packet.port == int(next(rest))
                case "--dst-type":
                    assert next(rest) == "LOCAL"
                    holds = packet.dst in self.own
                case "--src-type":
                    assert next(rest) == "LOCAL"
                    holds = packet.src in self.own
                case "--ctstate":
                    states = next(rest).split(",")
                    holds = "NEW" in states or ("DNAT" in states and packet.translated)
                case "--mark":
                    value, mask = (int(part, 16) for part in next(rest).split("/"))
                    holds = packet.mark & mask == value
                case "--probability":
                    chance = float(next(rest))
                case "--rcheck":
                    holds = False
                case "--set" | "--reap" | "--rsource":
                    continue
                case "-m" | "--comment" | "--mode" | "--seconds" | "--name" | "--mask":
                    next(rest)
                case _:
                    raise AssertionError(f"{word} is none of the matches that kube-proxy writes")
            if holds is not None:
                if holds is negated:
                    return 0
                negated = False
        return chance


def address(text: str) -> IPv4Address:
    found = ip_address(text)
    assert isinstance(found, IPv4Address)
    return found
