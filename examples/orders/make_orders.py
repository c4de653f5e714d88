#!/usr/bin/env python3
"""Makes an SQLite database of a shop's orders, the same every time.

Usage: make_orders.py orders.db
"""

import pathlib
import random
import sqlite3
import sys

FIRST_DAY = 20089  # 2025-01-01, in days since 1970
DAYS = 7
ORDERS_A_DAY = 500
COUNTRIES = ["NO", "AT", "TR", "KR", "BR"]


def orders():
    rng = random.Random(7)
    for number in range(DAYS * ORDERS_A_DAY):
        day = FIRST_DAY + number // ORDERS_A_DAY
        amount = round(rng.lognormvariate(3.5, 0.8), 2)
        coupon = rng.choice(["WELCOME", "SPRING"]) if rng.random() < 0.2 else None
        returned = rng.random() < (0.05 if coupon else 0.12)
        yield (number, day * 86400 + rng.randrange(86400), rng.choice(COUNTRIES),
               rng.randrange(1, 8), amount, coupon, int(returned))


def main():
    path = pathlib.Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, ordered_at INTEGER, country TEXT, "
        "items INTEGER, amount DECIMAL(10, 2), coupon TEXT, returned BOOLEAN)")
    database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", orders())
    database.commit()
    database.close()


main()
