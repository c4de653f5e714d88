#!/usr/bin/env python3
"""Makes eight days of a shop's purchases as CSV, the same every time: a folder a day.

Some orders come again the next day with a later `updated`, and the last line of each file is broken.

Usage: make_purchases.py FOLDER      e.g. data/purchases
"""

import csv
import pathlib
import random
import sys

FIRST_DAY = 1
DAYS = 8
ORDERS_A_DAY = 400
CHANGED_A_DAY = 60


def orders_of(rng, day):
    return [
        {
            "order": f"{day}-{number}",
            "customer": rng.randrange(100),
            "bought": f"2024-03-{day:02}T{rng.randrange(24):02}:{rng.randrange(60):02}:{number % 60:02}",
            "updated": day * 1000,
            "amount": round(rng.uniform(-5, 150), 2),
            "currency": "EUR",
            "fraud": int(rng.randrange(30) == 0),
        }
        for number in range(ORDERS_A_DAY)
    ]


def main():
    folder = pathlib.Path(sys.argv[1])
    rng = random.Random(5)
    orders = []
    for day in range(FIRST_DAY, FIRST_DAY + DAYS):
        rows = orders_of(rng, day)
        changed = [dict(row, updated=day * 1000 + 1, amount=row["amount"] + 1)
                   for row in rng.sample(orders, min(len(orders), CHANGED_A_DAY))]
        orders += rows
        path = folder / f"2024-03-{day:02}"
        path.mkdir(parents=True, exist_ok=True)
        for part, some in enumerate((rows, changed)):
            with (path / f"part-{part}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, fieldnames=list(rows[0]))
                writer.writeheader()
                writer.writerows(some)
                file.write("broken,line\r\n")


main()
