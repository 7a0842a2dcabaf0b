# ruff: noqa: E501 - rows of tables stay on one line
"""Services that the API server rejects, and their nearest neighbours that it accepts.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.loading.validation.rows import (
    DUPLICATE,
    FORBIDDEN,
    INTERNAL,
    INVALID,
    REQUIRED,
    UNSUPPORTED,
    Bad,
    Good,
    expect,
    flow,
    manifest,
    violations,
)

LB = "type: LoadBalancer"
NP = "type: NodePort"
NO_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
ALLOCATED = "provided port is already allocated"
OUT_OF_RANGE = "provided port is not in the valid range. The range of valid ports is 30000-32767"
ONLY_LB = "may only be used when `type` is 'LoadBalancer'"
NOT_EXTERNAL_NAME = "may not be set for ExternalName services"
A63, A64 = "a" * 63, "a" * 64

REJECTED = (
    # ports
    Bad("no ports", "{ports: null}", "spec.ports", REQUIRED),
    Bad("an empty list of ports", "{ports: []}", "spec.ports", REQUIRED),
    Bad("no ports on a NodePort", "{type: NodePort, ports: []}", "spec.ports", REQUIRED),
    Bad("two ports, one without name", "{ports: [{port: 80, name: a}, {port: 81}]}", "spec.ports[1].name", REQUIRED),
    Bad("a port name twice", "{ports: [{port: 80, name: a}, {port: 81, name: a}]}", "spec.ports[1].name", DUPLICATE, '"a"'),
    Bad("a port name in capitals", "{ports: [{port: 80, name: HTTP}]}", "spec.ports[0].name", INVALID, "RFC 1123 label"),
    Bad("a port name with a dot", "{ports: [{port: 80, name: a.b}]}", "spec.ports[0].name", INVALID, "must not contain dots"),
    Bad("a port name of 64", f"{{ports: [{{port: 80, name: {A64}}}]}}", "spec.ports[0].name", INVALID, "no more than 63 bytes"),
    Bad("port 0", "{ports: [{port: 0}]}", "spec.ports[0].port", INVALID, "must be between 1 and 65535, inclusive"),
    Bad("port 65536", "{ports: [{port: 65536}]}", "spec.ports[0].port", INVALID, "65536: must be between 1 and 65535"),
    Bad("a negative port", "{ports: [{port: -1}]}", "spec.ports[0].port", INVALID, "must be between 1 and 65535"),
    Bad("protocol in small letters", "{ports: [{port: 80, protocol: tcp}]}", "spec.ports[0].protocol", UNSUPPORTED,
        '"tcp": supported values: "SCTP", "TCP", "UDP"'),
    Bad("protocol HTTP", "{ports: [{port: 80, protocol: HTTP}]}", "spec.ports[0].protocol", UNSUPPORTED, '"HTTP"'),
    Bad("targetPort 65536", "{ports: [{port: 80, targetPort: 65536}]}", "spec.ports[0].targetPort", INVALID, "65535"),
    Bad("targetPort -1", "{ports: [{port: 80, targetPort: -1}]}", "spec.ports[0].targetPort", INVALID, "65535"),
    Bad("targetPort a number in quotes", "{ports: [{port: 80, targetPort: '8080'}]}", "spec.ports[0].targetPort", INVALID,
        "must contain at least one letter (a-z)"),
    Bad("targetPort name of 16", "{ports: [{port: 80, targetPort: aaaabbbbccccdddd}]}", "spec.ports[0].targetPort", INVALID,
        "must be no more than 15 bytes"),
    Bad("targetPort in capitals", "{ports: [{port: 80, targetPort: Http}]}", "spec.ports[0].targetPort", INVALID,
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
    Bad("targetPort with two hyphens", "{ports: [{port: 80, targetPort: a--b}]}", "spec.ports[0].targetPort", INVALID,
        "must not contain consecutive hyphens"),
    Bad("targetPort begins with a hyphen", "{ports: [{port: 80, targetPort: -a}]}", "spec.ports[0].targetPort", INVALID,
        "must not begin or end with a hyphen"),
    Bad("targetPort ends with a hyphen", "{ports: [{port: 80, targetPort: a-}]}", "spec.ports[0].targetPort", INVALID,
        "must not begin or end with a hyphen"),
    Bad("targetPort with an underscore", "{ports: [{port: 80, targetPort: web_port}]}", "spec.ports[0].targetPort", INVALID,
        "alpha-numeric"),
    Bad("appProtocol with blanks", "{ports: [{port: 80, appProtocol: 'a b'}]}", "spec.ports[0].appProtocol", INVALID,
        "name part must consist of"),
    Bad("appProtocol with a bad prefix", "{ports: [{port: 80, appProtocol: 'A_/b'}]}", "spec.ports[0].appProtocol", INVALID,
        "prefix part a lowercase RFC 1123 subdomain"),
    Bad("appProtocol empty", "{ports: [{port: 80, appProtocol: ''}]}", "spec.ports[0].appProtocol", INVALID,
        "name part must be non-empty"),
    Bad("a port over one protocol twice", "{ports: [{port: 80, name: a}, {port: 80, name: b, targetPort: 81}]}",
        "spec.ports[1]", DUPLICATE, '"port":80'),
    Bad("the default protocol and TCP", "{ports: [{port: 80, name: a}, {port: 80, name: b, protocol: TCP}]}",
        "spec.ports[1]", DUPLICATE),
    # node ports
    Bad("nodePort on ClusterIP", "{ports: [{port: 80, nodePort: 30080}]}", "spec.ports[0].nodePort", FORBIDDEN,
        "may not be used when `type` is 'ClusterIP'"),
    Bad("nodePort twice", f"{{{NP}, ports: [{{port: 80, name: a, nodePort: 30080}}, {{port: 81, name: b, nodePort: 30080}}]}}",
        "spec.ports[1].nodePort", DUPLICATE, "30080"),
    Bad("nodePort shared by different ports",
        f"{{{NP}, ports: [{{port: 80, name: a, nodePort: 30080}}, {{port: 81, name: b, protocol: UDP, nodePort: 30080}}]}}",
        "spec.ports[1].nodePort", INVALID, ALLOCATED),
    Bad("nodePort 29999", f"{{{NP}, ports: [{{port: 80, nodePort: 29999}}]}}", "spec.ports[0].nodePort", INVALID, OUT_OF_RANGE),
    Bad("nodePort 32768", f"{{{NP}, ports: [{{port: 80, nodePort: 32768}}]}}", "spec.ports[0].nodePort", INVALID, OUT_OF_RANGE),
    Bad("nodePort 8080", f"{{{NP}, ports: [{{port: 80, nodePort: 8080}}]}}", "spec.ports[0].nodePort", INVALID, "8080: provided"),
    Bad("nodePort 80 on a load balancer", f"{{{LB}, ports: [{{port: 80, nodePort: 80}}]}}", "spec.ports[0].nodePort", INVALID,
        OUT_OF_RANGE),
    Bad("nodePort 70000", f"{{{NP}, ports: [{{port: 80, nodePort: 70000}}]}}", "spec.ports[0].nodePort", INVALID, OUT_OF_RANGE),
    # type and addresses
    Bad("type in small letters", "{type: nodeport}", "spec.type", UNSUPPORTED,
        '"nodeport": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'),
    Bad("type Ingress", "{type: Ingress}", "spec.type", UNSUPPORTED, '"Ingress"'),
    Bad("headless NodePort", f"{{{NP}, clusterIP: None}}", "spec.clusterIPs[0]", INVALID,
        "may not be set to 'None' for NodePort services"),
    Bad("headless LoadBalancer", f"{{{LB}, clusterIP: None}}", "spec.clusterIPs[0]", INVALID,
        "may not be set to 'None' for LoadBalancer services"),
    Bad("headless LoadBalancer in the plural", f"{{{LB}, clusterIP: None, clusterIPs: [None]}}", "spec.clusterIPs[0]", INVALID,
        "'None' for LoadBalancer"),
    Bad("clusterIP in words", "{clusterIP: auto}", "spec.clusterIPs[0]", INVALID, NO_IP),
    Bad("clusterIP none in small letters", "{clusterIP: none}", "spec.clusterIPs[0]", INVALID, '"none": ' + NO_IP),
    Bad("clusterIP with an octet of 256", "{clusterIP: 10.96.0.256}", "spec.clusterIPs[0]", INVALID, NO_IP),
    Bad("clusterIP with a prefix", "{clusterIP: 10.96.0.1/32}", "spec.clusterIPs[0]", INVALID, NO_IP),
    Bad("clusterIP with leading zeros", "{clusterIP: 10.96.0.010}", "spec.clusterIPs[0]", INVALID, "must not have leading 0s"),
    Bad("clusterIP in IPv6 form", "{clusterIP: '::ffff:10.96.0.10'}", "spec.clusterIPs[0]", INVALID,
        "must not be an IPv4-mapped IPv6 address"),
    Bad("clusterIP with a zone", "{clusterIP: 'fd00::1%eth0'}", "spec.clusterIPs[0]", INVALID, NO_IP),
    Bad("clusterIPs alone", "{clusterIPs: [10.96.0.10]}", "spec.clusterIPs", INVALID,
        "must be empty when `clusterIP` is not specified"),
    Bad("clusterIPs with another first", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.11]}", "spec.clusterIPs", INVALID,
        "first value must match `clusterIP`"),
    Bad("None and an address", "{clusterIP: None, clusterIPs: [None, 10.96.0.10], ipFamilyPolicy: PreferDualStack}",
        "spec.clusterIPs", INVALID, "'None' must be the first and only value"),
    Bad("None in the second place", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, None], ipFamilyPolicy: PreferDualStack}",
        "spec.clusterIPs[1]", INVALID, NO_IP),
    Bad("three cluster IPs", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, 'fd00::1', 10.96.0.11]}", "spec.clusterIPs",
        INVALID, "may only hold up to 2 values"),
    Bad("two of one family", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, 10.96.0.11], ipFamilyPolicy: PreferDualStack}",
        "spec.clusterIPs", INVALID, "may specify no more than one IP for each IP family"),
    Bad("two cluster IPs and no policy", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, 'fd00::1']}", "spec.ipFamilyPolicy",
        INVALID, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"),
    Bad("two families and SingleStack", "{ipFamilies: [IPv4, IPv6], ipFamilyPolicy: SingleStack}", "spec.ipFamilyPolicy",
        INVALID, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"),
    Bad("family in small letters", "{ipFamilies: [ipv4]}", "spec.ipFamilies[0]", UNSUPPORTED, 'supported values: "IPv4", "IPv6"'),
    Bad("family twice", "{ipFamilies: [IPv4, IPv4], ipFamilyPolicy: PreferDualStack}", "spec.ipFamilies[1]", DUPLICATE, '"IPv4"'),
    Bad("family and address at odds", "{clusterIP: 10.96.0.10, ipFamilies: [IPv6]}", "spec.clusterIPs[0]", INVALID,
        "expected an IPv6 value as indicated by `ipFamilies[0]`"),
    Bad("IPv6 address in IPv4", "{clusterIP: 'fd00::1', ipFamilies: [IPv4]}", "spec.clusterIPs[0]", INVALID,
        "expected an IPv4 value as indicated by `ipFamilies[0]`"),
    Bad("policy DualStack", "{ipFamilyPolicy: DualStack}", "spec.ipFamilyPolicy", UNSUPPORTED,
        '"PreferDualStack", "RequireDualStack", "SingleStack"'),
    Bad("an empty policy", "{ipFamilyPolicy: ''}", "spec.ipFamilyPolicy", UNSUPPORTED),
    # ExternalName
    Bad("ExternalName without a name", "{type: ExternalName, ports: null}", "spec.externalName", REQUIRED),
    Bad("ExternalName of a dot", "{type: ExternalName, externalName: .}", "spec.externalName", REQUIRED),
    Bad("ExternalName in capitals", "{type: ExternalName, externalName: My.Example.com}", "spec.externalName", INVALID,
        "a lowercase RFC 1123 subdomain"),
    Bad("ExternalName with a scheme", "{type: ExternalName, externalName: 'http://example.com'}", "spec.externalName", INVALID),
    Bad("ExternalName with a port", "{type: ExternalName, externalName: 'example.com:80'}", "spec.externalName", INVALID),
    Bad("ExternalName with an underscore", "{type: ExternalName, externalName: my_db.example.com}", "spec.externalName", INVALID),
    Bad("ExternalName with two dots at the end", "{type: ExternalName, externalName: 'example.com..'}", "spec.externalName",
        INVALID),
    Bad("ExternalName of 254", f"{{type: ExternalName, externalName: {'.'.join(['a' * 49] * 5)}.abcd}}", "spec.externalName",
        INVALID, "must be no more than 253 bytes"),
    Bad("ExternalName with clusterIP", "{type: ExternalName, externalName: a.b, clusterIP: 10.96.0.10}", "spec.clusterIPs",
        FORBIDDEN, NOT_EXTERNAL_NAME),
    Bad("ExternalName headless", "{type: ExternalName, externalName: a.b, clusterIP: None}", "spec.clusterIPs", FORBIDDEN,
        NOT_EXTERNAL_NAME),
    Bad("ExternalName with families", "{type: ExternalName, externalName: a.b, ipFamilies: [IPv4]}", "spec.ipFamilies", FORBIDDEN,
        NOT_EXTERNAL_NAME),
    Bad("ExternalName with a policy", "{type: ExternalName, externalName: a.b, ipFamilyPolicy: SingleStack}",
        "spec.ipFamilyPolicy", FORBIDDEN, NOT_EXTERNAL_NAME),
    # selector and affinity
    Bad("selector value with a blank", "{selector: {app: my web}}", "spec.selector", INVALID, '"my web": a valid label must be'),
    Bad("selector value of 64", f"{{selector: {{app: {A64}}}}}", "spec.selector", INVALID, "must be no more than 63 bytes"),
    Bad("selector key with two slashes", "{selector: {a/b/c: x}}", "spec.selector", INVALID, "a qualified name must consist of"),
    Bad("selector key empty prefix", "{selector: {/app: x}}", "spec.selector", INVALID, "prefix part must be non-empty"),
    Bad("affinity in small letters", "{sessionAffinity: clientip}", "spec.sessionAffinity", UNSUPPORTED, '"ClientIP", "None"'),
    Bad("affinity for 0 s", "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}}",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds", INVALID, "must be greater than 0 and less than 86400"),
    Bad("affinity for 86401 s", "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}}",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds", INVALID, "must be greater than 0 and less than 86400"),
    # external IPs
    Bad("external IP a name", "{externalIPs: [example.com]}", "spec.externalIPs[0]", INVALID, NO_IP),
    Bad("external IP unspecified", "{externalIPs: [0.0.0.0]}", "spec.externalIPs[0]", INVALID, "may not be unspecified (0.0.0.0)"),
    Bad("external IP unspecified in IPv6", "{externalIPs: ['::']}", "spec.externalIPs[0]", INVALID, "may not be unspecified (::)"),
    Bad("external IP loopback", "{externalIPs: [127.0.0.1]}", "spec.externalIPs[0]", INVALID,
        "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
    Bad("external IP loopback in IPv6", "{externalIPs: ['::1']}", "spec.externalIPs[0]", INVALID, "loopback range"),
    Bad("external IP link-local", "{externalIPs: [1.2.3.4, 169.254.1.1]}", "spec.externalIPs[1]", INVALID,
        "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
    Bad("external IP link-local in IPv6", "{externalIPs: ['fe80::1']}", "spec.externalIPs[0]", INVALID, "link-local range"),
    Bad("external IP multicast", "{externalIPs: [224.0.0.1]}", "spec.externalIPs[0]", INVALID,
        "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
    Bad("external IP multicast in IPv6", "{externalIPs: ['ff02::1']}", "spec.externalIPs[0]", INVALID, "multicast range"),
    Bad("external IP with leading zeros", "{externalIPs: [010.0.0.1]}", "spec.externalIPs[0]", INVALID, "leading 0s"),
    # load balancer
    Bad("source ranges on ClusterIP", "{loadBalancerSourceRanges: [10.0.0.0/8]}", "spec.LoadBalancerSourceRanges", FORBIDDEN,
        ONLY_LB),
    Bad("source ranges on NodePort", f"{{{NP}, loadBalancerSourceRanges: [10.0.0.0/8]}}", "spec.LoadBalancerSourceRanges",
        FORBIDDEN, ONLY_LB),
    Bad("source range without prefix", f"{{{LB}, loadBalancerSourceRanges: [10.0.0.1]}}", "spec.LoadBalancerSourceRanges[0]",
        INVALID, NO_CIDR),
    Bad("source range too long", f"{{{LB}, loadBalancerSourceRanges: [1.0.0.0/8, 10.0.0.0/33]}}",
        "spec.LoadBalancerSourceRanges[1]", INVALID, NO_CIDR),
    Bad("source range with host bits", f"{{{LB}, loadBalancerSourceRanges: [10.0.0.1/8]}}", "spec.LoadBalancerSourceRanges[0]",
        INVALID, "must not have bits set beyond the prefix length"),
    Bad("source range with leading zeros", f"{{{LB}, loadBalancerSourceRanges: [10.0.0.0/08]}}",
        "spec.LoadBalancerSourceRanges[0]", INVALID, "must not have leading 0s in IP or prefix length"),
    Bad("source range in IPv6 form", f"{{{LB}, loadBalancerSourceRanges: ['::ffff:10.0.0.0/104']}}",
        "spec.LoadBalancerSourceRanges[0]", INVALID, "must not have an IPv4-mapped IPv6 address"),
    Bad("allocateLoadBalancerNodePorts on ClusterIP", "{allocateLoadBalancerNodePorts: false}",
        "spec.allocateLoadBalancerNodePorts", FORBIDDEN, ONLY_LB),
    Bad("allocateLoadBalancerNodePorts on NodePort", f"{{{NP}, allocateLoadBalancerNodePorts: true}}",
        "spec.allocateLoadBalancerNodePorts", FORBIDDEN, ONLY_LB),
    Bad("loadBalancerClass on ClusterIP", "{loadBalancerClass: a.b/c}", "spec.loadBalancerClass", FORBIDDEN, ONLY_LB),
    Bad("loadBalancerClass with blanks", f"{{{LB}, loadBalancerClass: 'a b'}}", "spec.loadBalancerClass", INVALID, "name part"),
    # policies
    Bad("externalTrafficPolicy on ClusterIP", "{externalTrafficPolicy: Local}", "spec.externalTrafficPolicy", INVALID,
        '"Local": may only be set for externally-accessible services'),
    Bad("externalTrafficPolicy Cluster on ClusterIP", "{externalTrafficPolicy: Cluster}", "spec.externalTrafficPolicy", INVALID,
        "may only be set for externally-accessible services"),
    Bad("externalTrafficPolicy on ExternalName", "{type: ExternalName, externalName: a.b, externalTrafficPolicy: Local}",
        "spec.externalTrafficPolicy", INVALID, "may only be set for externally-accessible services"),
    Bad("externalTrafficPolicy in small letters", f"{{{NP}, externalTrafficPolicy: local}}", "spec.externalTrafficPolicy",
        UNSUPPORTED, '"local": supported values: "Cluster", "Local"'),
    Bad("healthCheckNodePort on ClusterIP", "{healthCheckNodePort: 30100}", "spec.healthCheckNodePort", INVALID,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
    Bad("healthCheckNodePort with policy Cluster", f"{{{LB}, healthCheckNodePort: 30100}}", "spec.healthCheckNodePort", INVALID,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
    Bad("healthCheckNodePort on NodePort", f"{{{NP}, externalTrafficPolicy: Local, healthCheckNodePort: 30100}}",
        "spec.healthCheckNodePort", INVALID, "may only be set when"),
    Bad("healthCheckNodePort 70000", f"{{{LB}, externalTrafficPolicy: Local, healthCheckNodePort: 70000}}",
        "spec.healthCheckNodePort", INVALID, "must be between 1 and 65535, inclusive"),
    Bad("healthCheckNodePort 8080", f"{{{LB}, externalTrafficPolicy: Local, healthCheckNodePort: 8080}}",
        "spec.healthCheckNodePort", INTERNAL, "failed to allocate requested HealthCheck NodePort 8080: " + OUT_OF_RANGE),
    Bad("internalTrafficPolicy in small letters", "{internalTrafficPolicy: local}", "spec.internalTrafficPolicy", UNSUPPORTED,
        '"Cluster", "Local"'),
    Bad("internalTrafficPolicy empty", "{internalTrafficPolicy: ''}", "spec.internalTrafficPolicy", UNSUPPORTED),
    Bad("trafficDistribution unknown", "{trafficDistribution: PreferLocal}", "spec.trafficDistribution", UNSUPPORTED,
        '"PreferLocal": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"'),
)

ACCEPTED = (
    Good("one port", "{}"),
    Good("a port without name", "{ports: [{port: 1}]}"),
    Good("port 65535", "{ports: [{port: 65535}]}"),
    Good("names of two ports", "{ports: [{port: 80, name: a}, {port: 81, name: b}]}"),
    Good("port names beyond 15 characters", "{ports: [{port: 80, name: a-name-of-more-than-15}]}"),
    Good("a port name of 63", f"{{ports: [{{port: 80, name: {A63}}}]}}"),
    Good("a port name of digits", "{ports: [{port: 80, name: '80'}]}"),
    Good("headless without ports", "{clusterIP: None, ports: null}"),
    Good("headless with ports", "{clusterIP: None}"),
    Good("headless in the plural", "{clusterIP: None, clusterIPs: [None]}"),
    Good("ExternalName without ports", "{type: ExternalName, externalName: my.database.example.com, ports: null}"),
    Good("ExternalName with a dot at the end", "{type: ExternalName, externalName: example.com.}"),
    Good("ExternalName like an address", "{type: ExternalName, externalName: 10.0.0.1}"),
    Good("ExternalName of one label", "{type: ExternalName, externalName: db}"),
    Good("ExternalName of 253", f"{{type: ExternalName, externalName: {'.'.join(['a' * 49] * 5)}.abc}}"),
    Good("externalName on ClusterIP", "{externalName: Whatever!}"),
    Good("every protocol", "{ports: [{port: 80, name: a}, {port: 80, name: b, protocol: UDP}, {port: 80, name: c, protocol: SCTP}]}"),
    Good("an empty protocol", "{ports: [{port: 80, protocol: ''}]}"),
    Good("targetPort 0 is the port", "{ports: [{port: 80, targetPort: 0}]}"),
    Good("targetPort empty is the port", "{ports: [{port: 80, targetPort: ''}]}"),
    Good("targetPort a name", "{ports: [{port: 80, targetPort: web-port-8080}]}"),
    Good("targetPort name of 15", "{ports: [{port: 80, targetPort: aaaabbbbccccddd}]}"),
    Good("targetPort of one letter", "{ports: [{port: 80, targetPort: a}]}"),
    Good("targetPort of digits and a letter", "{ports: [{port: 80, targetPort: 1a}]}"),
    Good("appProtocol h2c", "{ports: [{port: 80, appProtocol: kubernetes.io/h2c}]}"),
    Good("appProtocol https", "{ports: [{port: 80, appProtocol: https}]}"),
    Good("appProtocol in capitals", "{ports: [{port: 80, appProtocol: HTTP}]}"),
    Good("nodePort 30000", f"{{{NP}, ports: [{{port: 80, nodePort: 30000}}]}}"),
    Good("nodePort 32767", f"{{{NP}, ports: [{{port: 80, nodePort: 32767}}]}}"),
    Good("nodePort 0", "{ports: [{port: 80, nodePort: 0}]}"),
    Good("nodePort null on ClusterIP", "{ports: [{port: 80, nodePort: null}]}"),
    Good("a nodePort for a port over two protocols",
         f"{{{NP}, ports: [{{port: 53, name: a, nodePort: 30053}}, {{port: 53, name: b, protocol: UDP, nodePort: 30053}}]}}"),
    Good("mixed protocols on a load balancer", f"{{{LB}, ports: [{{port: 53, name: a}}, {{port: 53, name: b, protocol: UDP}}]}}"),
    Good("clusterIP empty", "{clusterIP: ''}"),
    Good("clusterIP of IPv6, not canonical", "{clusterIP: 'FD00:0:0:0:0:0:0:1'}"),
    Good("clusterIPs", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10]}"),
    Good("dual stack", "{clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, 'fd00::1'], ipFamilyPolicy: RequireDualStack}"),
    Good("dual stack, IPv6 first", "{ipFamilies: [IPv6, IPv4], ipFamilyPolicy: PreferDualStack}"),
    Good("families of a headless Service without selector", "{clusterIP: None, ipFamilies: [IPv4, IPv6]}"),
    Good("one family", "{ipFamilies: [IPv6], ipFamilyPolicy: SingleStack}"),
    Good("an empty selector", "{selector: {}}"),
    Good("selector with an empty value", "{selector: {app: ''}}"),
    Good("selector with a null value", "{selector: {app: null}}"),
    Good("selector with a prefix", "{selector: {app.kubernetes.io/name: my_web.1}}"),
    Good("selector key of 63", f"{{selector: {{{A63}: {A63}}}}}"),
    Good("affinity", "{sessionAffinity: ClientIP}"),
    Good("affinity for a day", "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}}"),
    Good("affinity without seconds", "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {}}}"),
    Good("affinity None with a config", "{sessionAffinity: None, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}}"),
    Good("external IPs", "{externalIPs: [198.51.100.7, '2001:db8::1']}"),
    Good("external IPs and a policy", "{externalIPs: [198.51.100.7], externalTrafficPolicy: Local}"),
    Good("external IP of another multicast range", "{externalIPs: [224.0.1.1]}"),
    Good("source ranges", f"{{{LB}, loadBalancerSourceRanges: [10.0.0.0/8, 0.0.0.0/0, '2001:db8::/32']}}"),
    Good("source range with blanks", f"{{{LB}, loadBalancerSourceRanges: [' 10.0.0.0/8 ']}}"),
    Good("empty source ranges on ClusterIP", "{loadBalancerSourceRanges: []}"),
    Good("no node ports", f"{{{LB}, allocateLoadBalancerNodePorts: false}}"),
    Good("loadBalancerClass", f"{{{LB}, loadBalancerClass: example.com/internal}}"),
    Good("loadBalancerIP", f"{{{LB}, loadBalancerIP: 203.0.113.9}}"),
    Good("policy Local on NodePort", f"{{{NP}, externalTrafficPolicy: Local}}"),
    Good("policy Cluster on a load balancer", f"{{{LB}, externalTrafficPolicy: Cluster}}"),
    Good("policy empty on ClusterIP", "{externalTrafficPolicy: ''}"),
    Good("healthCheckNodePort", f"{{{LB}, externalTrafficPolicy: Local, healthCheckNodePort: 30100}}"),
    Good("healthCheckNodePort 0", "{healthCheckNodePort: 0}"),
    Good("internalTrafficPolicy", "{internalTrafficPolicy: Local}"),
    Good("internalTrafficPolicy on ExternalName", "{type: ExternalName, externalName: a.b, internalTrafficPolicy: Local}"),
    Good("trafficDistribution PreferClose", "{trafficDistribution: PreferClose}"),
    Good("trafficDistribution PreferSameZone", "{trafficDistribution: PreferSameZone}"),
    Good("trafficDistribution PreferSameNode", "{trafficDistribution: PreferSameNode}"),
    Good("publishNotReadyAddresses", "{publishNotReadyAddresses: true}"),
    Good("everything null", "{type: null, selector: null, clusterIP: null, clusterIPs: null, externalIPs: null, ipFamilies: null,"
         " ipFamilyPolicy: null, sessionAffinity: null, loadBalancerClass: null, trafficDistribution: null}"),
)


def service(text: str) -> dict[str, Any]:
    return manifest("Service", spec={"ports": [{"port": 80}], **flow(text)})


@pytest.mark.parametrize("row", REJECTED, ids=str)
def test_rejected(row: Bad) -> None:
    expect(row, service(row.text))


@pytest.mark.parametrize("row", ACCEPTED, ids=str)
def test_accepted(row: Good) -> None:
    assert violations(service(row.text)) == []


STATUS_REJECTED = (
    Bad("status of a ClusterIP", "{spec: {ports: [{port: 80}]}, status: {loadBalancer: {ingress: [{ip: 203.0.113.7}]}}}",
        "status.loadBalancer.ingress", FORBIDDEN, "may only be used when `spec.type` is 'LoadBalancer'"),
    Bad("ipMode without ip", "{status: {loadBalancer: {ingress: [{hostname: a.b, ipMode: VIP}]}}}",
        "status.loadBalancer.ingress[0].ipMode", FORBIDDEN, "may not be specified when `ip` is not set"),
    Bad("ipMode unknown", "{status: {loadBalancer: {ingress: [{ip: 203.0.113.7, ipMode: NAT}]}}}",
        "status.loadBalancer.ingress[0].ipMode", UNSUPPORTED, '"Proxy", "VIP"'),
    Bad("hostname an address", "{status: {loadBalancer: {ingress: [{hostname: 203.0.113.7}]}}}",
        "status.loadBalancer.ingress[0].hostname", INVALID, "must be a DNS name, not an IP address"),
    Bad("hostname in capitals", "{status: {loadBalancer: {ingress: [{hostname: LB.example.com}]}}}",
        "status.loadBalancer.ingress[0].hostname", INVALID, "RFC 1123 subdomain"),
    Bad("ip a name", "{status: {loadBalancer: {ingress: [{ip: lb.example.com}]}}}", "status.loadBalancer.ingress[0].ip", INVALID,
        NO_IP),
    Bad("annotation on ClusterIP",
        "{spec: {ports: [{port: 80}]},"
        " metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8}}}",
        "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]", FORBIDDEN, ONLY_LB),
    Bad("annotation without prefix",
        "{metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8,1.2.3.4'}}}",
        "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]", INVALID, NO_CIDR),
    Bad("two topology annotations at odds",
        "{metadata: {name: web, annotations: {service.kubernetes.io/topology-mode: Auto,"
        " service.kubernetes.io/topology-aware-hints: Disabled}}}",
        "metadata.annotations[service.kubernetes.io/topology-mode]", INVALID,
        "must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified"),
    Bad("a name with a dot", "{metadata: {name: web.shop}}", "metadata.name", INVALID, "must not contain dots"),
    Bad("a name in capitals", "{metadata: {name: Web}}", "metadata.name", INVALID, "a lowercase RFC 1123 label"),
    Bad("a name with an underscore", "{metadata: {name: my_web}}", "metadata.name", INVALID, "a lowercase RFC 1123 label"),
    Bad("a name that ends with a hyphen", "{metadata: {name: web-}}", "metadata.name", INVALID, "end with an alphanumeric"),
    Bad("a name of 64", f"{{metadata: {{name: {A64}}}}}", "metadata.name", INVALID, "must be no more than 63 bytes"),
    Bad("no metadata", "{metadata: null}", "metadata.name", REQUIRED, "name or generateName is required"),
)

STATUS_ACCEPTED = (
    Good("status with ip", "{status: {loadBalancer: {ingress: [{ip: 203.0.113.7}]}}}"),
    Good("status with ipMode", "{status: {loadBalancer: {ingress: [{ip: 203.0.113.7, ipMode: Proxy}]}}}"),
    Good("status with hostname", "{status: {loadBalancer: {ingress: [{hostname: lb.example.com}]}}}"),
    Good("empty status of a ClusterIP", "{spec: {ports: [{port: 80}]}, status: {loadBalancer: {}}}"),
    Good("annotation with ranges",
         "{metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, 1.0.0.0/8'}}}"),
    Good("annotation empty",
         "{metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: ''}}}"),
    Good("a name that begins with a digit", "{metadata: {name: 1web}}"),
    Good("a name of 63", f"{{metadata: {{name: {A63}}}}}"),
    Good("generateName", "{metadata: {generateName: web-}}"),
    Good("one topology annotation", "{metadata: {name: web, annotations: {service.kubernetes.io/topology-mode: Auto}}}"),
    Good("the older topology annotation", "{metadata: {name: web, annotations: {service.kubernetes.io/topology-aware-hints: Auto}}}"),
    Good("the same topology twice",
         "{metadata: {name: web, annotations: {service.kubernetes.io/topology-mode: Auto,"
         " service.kubernetes.io/topology-aware-hints: Auto}}}"),
)


def balanced(text: str) -> dict[str, Any]:
    return {**manifest("Service", spec={"type": "LoadBalancer", "ports": [{"port": 80}]}), **flow(text)}


@pytest.mark.parametrize("row", STATUS_REJECTED, ids=str)
def test_rejected_beside_the_spec(row: Bad) -> None:
    expect(row, balanced(row.text))


@pytest.mark.parametrize("row", STATUS_ACCEPTED, ids=str)
def test_accepted_beside_the_spec(row: Good) -> None:
    assert violations(balanced(row.text)) == []


OLD_VALUES = (
    Good("strange name", "{metadata: {name: Web_1, uid: u}}"),
    Good("cluster IP with leading zeros", "{spec: {ports: [{port: 80}], clusterIP: 010.0.0.1}}"),
    Good("source range with host bits", "{spec: {type: LoadBalancer, ports: [{port: 80}], loadBalancerSourceRanges: [10.0.0.1/8]}}"),
    Good("node port of another range", "{spec: {type: NodePort, ports: [{port: 80, nodePort: 8080}]}}"),
    Good("external IP in IPv6 form", "{spec: {ports: [{port: 80}], externalIPs: ['::ffff:1.2.3.4']}}"),
    Good("status of another type", "{status: {loadBalancer: {ingress: [{ip: 203.0.113.7}]}}}"),
    Good("health check port of another range",
         "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 8080, ports: [{port: 80}]}}"),
)


@pytest.mark.parametrize("row", OLD_VALUES, ids=str)
def test_what_lives_in_a_cluster_is_not_judged_by_rules_for_new_values(row: Good) -> None:
    live = {"metadata": {"name": "web", "uid": "u"}, **flow(row.text)}
    value = {**manifest("Service", spec={"ports": [{"port": 80}]}), **live}
    assert violations(value) == []
    assert violations({**value, "metadata": {**value["metadata"], "uid": None}})


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("{type: nodeport}", "Write NodePort."),
        ("{type: Loadbalancr}", "Write LoadBalancer."),
        ("{ports: [{port: 80, protocol: tcp}]}", "Write TCP."),
        ("{ports: [{port: 80, targetPort: '8080'}]}", "Write the number without quotes: 8080."),
        ("{type: LoadBalancer, loadBalancerSourceRanges: [10.1.2.3/16]}", "Write 10.1.0.0/16."),
        ("{type: LoadBalancer, loadBalancerSourceRanges: [10.1.2.3]}", "A single address is written 10.1.2.3/32."),
        ("{clusterIP: 10.96.0.010}", "Write 10.96.0.10."),
        ("{ports: [{port: 80, name: a}, {port: 81}]}", "Give the port a name of its own, such as port-81."),
        ("{ports: [{port: 80}, {port: 81, name: http}]}", "Give the port a name of its own, such as http-tcp."),
    ],
)
def test_the_fix_names_the_nearest_thing_that_is_allowed(text: str, fix: str) -> None:
    assert [each.fix for each in violations(service(text))] == [fix]


@pytest.mark.parametrize(
    "ports",
    [
        "[{port: 80}, {port: 443}]",
        "[{port: 53, protocol: UDP}, {port: 53}]",
        "[{port: 80}, {port: 8080}, {port: 80, protocol: SCTP}, {port: 80, protocol: UDP}]",
        "[{port: 81, name: http}, {port: 80}, {port: 443, name: https}, {port: 9090}]",
        "[{port: 80, name: a}, {port: 81, name: a}, {port: 82, name: a}]",
    ],
)
def test_names_that_are_proposed_can_be_taken_all_at_once(ports: str) -> None:
    listed = flow(ports)
    for each in violations(service(f"{{ports: {ports}}}")):
        index = int(each.field.split("[")[1].split("]")[0])
        listed[index]["name"] = each.fix.removesuffix(".").rpartition(" ")[2]
    assert violations(manifest("Service", spec={"ports": listed})) == []
