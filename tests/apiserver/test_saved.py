"""A sandbox as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kcnet import trace
from kcnet.apiserver.server import ApiServer
from kcnet.model.manifests import ClusterFacts
from kcnet.resources import demo
from tests.apiserver.sandbox import Clock, resource


def test_the_demo_comes_back_whole() -> None:
    api = ApiServer.from_paths([str(demo())], clock=Clock(), facts=ClusterFacts(cni="calico", proxy_mode="ipvs"))
    api.scale(resource("deploy"), "shop", "cart", 3)
    again = ApiServer.from_json(json.loads(json.dumps(api.to_json())), clock=Clock())
    assert again.facts == api.facts or again.facts.cni == "calico"
    assert again.cluster.proxy_mode == "ipvs"
    asked = "shop/deploy/frontend", "shop/svc/catalog"
    assert trace(again.cluster, *asked).to_dict() == trace(api.cluster, *asked).to_dict()


@pytest.mark.parametrize("value", [None, [], {}, {"version": 99}, {"version": 1}, {"version": 1, "sources": [1]}])
def test_what_was_not_saved_by_kcnet_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="sandbox"):
        ApiServer.from_json(value, clock=Clock())
