"""A small kernel for the other mode: what becomes of a packet by the table that ``nft list`` prints.

https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks and nft(8)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_network

from tests.lab.tools.ruleset import MASQUERADED, Chances, End, Packet

_BLOCK = re.compile(r"^\t(set|map|chain) (\S+) \{\n(.*?)^\t\}$", re.M | re.S)
_ELEMENTS = re.compile(r"elements = \{ (.*?) \}", re.S)
Ends = dict[tuple[str, Packet], float]


@dataclass(slots=True)
class Nftables:
    own: frozenset[IPv4Address]
    """Addresses of the node itself."""
    sets: dict[str, list[str]] = field(default_factory=dict)
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    chains: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, own: frozenset[IPv4Address]) -> Nftables:
        assert text.startswith("table ip kube-proxy {\n")
        assert text.endswith("}\n")
        found = cls(own)
        for kind, name, body in _BLOCK.findall(text):
            if kind == "chain":
                lines = [line.strip() for line in body.splitlines()]
                found.chains[name] = [re.sub(r' ?comment "[^"]*"', "", line) for line in lines if line[:5] != "type "]
                continue
            held = _ELEMENTS.search(body)
            elements = [re.sub(r"\s+", " ", one).strip() for one in held[1].split(",")] if held else []
            if kind == "set":
                found.sets[name] = elements
            else:
                pairs = (re.sub(r' comment "[^"]*"', "", one).split(" : ") for one in elements)
                found.maps[name] = dict(pairs)
        return found

    def arrive(self, packet: Packet, *, from_here: bool) -> Chances:
        """Each hook's chains by their priority: source ranges, the rewriting of the destination, the filter."""
        hooks = ["filter-prerouting-pre-dnat", "nat-prerouting"]
        if from_here:
            hooks = ["filter-output-pre-dnat", "nat-output", "filter-output"]
        going, done = {packet: 1.0}, Chances()
        for hook in [*hooks, None, "nat-postrouting"]:
            later: dict[Packet, float] = {}
            for each, share in going.items():
                chain = hook or ("filter-input" if each.dst in self.own else "" if from_here else "filter-forward")
                for (what, after), rest in (self._walk(chain, each) if chain else {("end", each): 1.0}).items():
                    if what in ("end", "accepted"):
                        later[after] = later.get(after, 0) + share * rest
                    else:
                        done[End(what, after)] = done.get(End(what, after), 0) + share * rest
            going = later
        return {**done, **{End("sent", each): share for each, share in going.items()}}

    def _walk(self, chain: str, packet: Packet) -> Ends:
        going, done = {packet: 1.0}, Ends()
        for rule in self.chains[chain]:
            later: dict[Packet, float] = {}
            for each, share in going.items():
                for (what, after), rest in self._rule(rule, each).items():
                    if what == "continue":
                        later[after] = later.get(after, 0) + share * rest
                    else:
                        done[what, after] = done.get((what, after), 0) + share * rest
            going = later
        for each, share in going.items():
            done["end", each] = done.get(("end", each), 0) + share
        return done

    def _rule(self, rule: str, packet: Packet) -> Ends:
        """What one rule makes of the packet; "continue": the next rule has it."""
        passed = {("continue", packet): 1.0}
        key = f"{packet.dst} . {packet.protocol} . {packet.port}"
        while rule:
            if found := re.match(r"ct state new |meta l4proto (\w+) (?=dnat)", rule):
                if found[1] not in (None, packet.protocol):
                    return passed
            elif found := re.match(r"ct status dnat ip saddr \. ip daddr \. meta l4proto \. th dport @(\S+) ", rule):
                if not packet.translated or f"{packet.src} . {key}" not in self.sets[found[1]]:
                    return passed
            elif found := re.match(r"meta mark & 0x00004000 != 0x00000000 ", rule):
                if not packet.mark & MASQUERADED:
                    return passed
            elif found := re.match(r"meta mark set meta mark ([|^]) 0x00004000 ?", rule):
                mark = packet.mark | MASQUERADED if found[1] == "|" else packet.mark ^ MASQUERADED
                packet = replace(packet, mark=mark)
                passed = {("continue", packet): 1.0}
            elif found := re.match(r"ip (saddr|daddr) (!= )?(\{[^}]*\}|@\S+|\d[\d./]*) ", rule):
                place = packet.src if found[1] == "saddr" else packet.dst
                listed = self.sets[found[3][1:]] if found[3][0] == "@" else re.findall(r"\d[\d./]*", found[3])
                if any(place in ip_network(one) for one in listed) is bool(found[2]):
                    return passed
            elif found := re.match(r"fib saddr type local ", rule):
                if packet.src not in self.own:
                    return passed
            elif found := re.match(r"(ip daddr \. )?meta l4proto \. th dport vmap @(\S+)$", rule):
                verdict = self.maps[found[2]].get(key if found[1] else key.partition(" . ")[2])
                return self._verdict(verdict, packet) if verdict else passed
            elif found := re.match(r"numgen random mod (\d+) vmap \{ (.*) \}$", rule):
                targets = [one.partition(" : ")[2] for one in found[2].split(", ")]
                assert len(targets) == int(found[1])
                together: Ends = {}
                for target in targets:
                    for end, share in self._verdict(target, packet).items():
                        together[end] = together.get(end, 0) + share / len(targets)
                return together
            elif found := re.match(r"dnat ip to numgen random mod (\d+) map \{ (.*) \}$", rule):
                places = [one.partition(" : ")[2].split(" . ") for one in found[2].split(", ")]
                assert len(places) == int(found[1])
                spread: Ends = {}
                for place, number in places:
                    for end, share in self._verdict(f"dnat to {place}:{number}", packet).items():
                        spread[end] = spread.get(end, 0) + share / len(places)
                return spread
            elif re.match(r"update @\S+ \{ ip saddr \}$", rule):
                assert rule.split()[1][1:] in self.sets
                return passed
            else:
                return self._verdict(rule, packet)
            rule = rule[found.end() :]
        return passed

    def _verdict(self, text: str, packet: Packet) -> Ends:
        word, _, rest = text.partition(" ")
        match word:
            case "goto":
                return self._walk(rest, packet)
            case "jump":
                ends = self._walk(rest, packet)
                return {("continue" if what == "end" else what, after): share for (what, after), share in ends.items()}
            case "reject":
                return {("rejected", packet): 1.0}
            case "drop":
                return {("dropped", packet): 1.0}
            case "masquerade":
                assert rest == "fully-random"
                return {("accepted", replace(packet, mark=MASQUERADED)): 1.0}
            case "dnat":
                address, _, number = rest.removeprefix("to ").rpartition(":")
                sent = replace(packet, dst=IPv4Address(address), port=int(number), translated=True)
                return {("accepted", sent): 1.0}
        raise AssertionError(f"{text} is none of the rules that kube-proxy writes")
