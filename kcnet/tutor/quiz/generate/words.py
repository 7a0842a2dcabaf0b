"""Names as they occur: of applications, teams and namespaces, and the ports they listen on."""

from __future__ import annotations

from typing import Final

APPS: Final = (
    "cart", "catalog", "checkout", "orders", "payments", "reviews", "search", "stock", "users", "billing", "mailer",
    "images", "tickets", "ledger", "invoices", "coupons", "shipping", "returns", "pricing", "profile", "sessions",
    "metrics", "reports", "alerts", "gateway", "auth", "tokens", "vault", "assets", "uploads", "thumbs", "feeds",
    "comments", "votes", "routes", "maps", "weather", "fares", "seats", "bookings", "menu", "kitchen", "tables",
    "library", "loans", "archive", "scores", "matches", "teams", "players", "lessons", "grades", "rooms", "sensors",
    "meters", "beacons", "parcels", "labels", "depots", "drivers",
)  # fmt: skip
FRONTS: Final = (
    "web", "frontend", "portal", "shopfront", "mobile", "kiosk", "desk", "console", "backoffice", "site", "app", "ui",
)  # fmt: skip
STORES: Final = ("db", "postgres", "redis", "mysql", "queue", "cache", "mongo", "search-index")
NAMESPACES: Final = (
    "shop", "press", "prod", "staging", "dev", "billing", "media", "travel", "school", "games", "lab", "retail",
    "orders", "finance", "logistics", "music", "news", "energy", "health", "museum",
)  # fmt: skip
TEAMS: Final = ("blue", "green", "red", "amber", "core", "edge", "data", "pay", "search", "growth")
TIERS: Final = ("front", "back", "data", "batch")
VERSIONS: Final = ("v1", "v2", "v3", "stable", "canary")
PORTS: Final = (
    81,
    88,
    444,
    800,
    3000,
    4000,
    5000,
    7000,
    8000,
    8080,
    8081,
    8443,
    8888,
    9000,
    9090,
    9292,
    10080,
    15000,
    27017,
    50051,
)
SERVICE_PORTS: Final = (80, 80, 80, 82, 443, 801, 5432, 6379, 8000, 9100)
PORT_NAMES: Final = ("http", "web", "api", "rest", "app")
DOMAINS: Final = ("example.com", "example.org", "example.net")
HOSTS: Final = ("shop", "www", "api", "portal", "store", "my", "app", "docs")
PATHS: Final = (
    "cart", "items", "orders", "search", "login", "images", "api", "admin", "help", "news", "users", "static",
)  # fmt: skip
