"""Writes a seeded, taxi-like table as CSV: integers, floats, strings and missing values.

Usage: .deps/runtime/bin/python bench/generate_table.py ROWS OUT.csv     (any Python with NumPy)
Writes 18 columns of a taxi trip, and two of higher cardinality; makes the folder of OUT.csv.
"""

import pathlib
import sys

import numpy as np

COMPANIES = [
    "Flash Cab", "Taxi Affiliation Services", "Blue Ribbon Taxi", "Yellow Cab", "City Service",
    "Sun Taxi", "Globe, Taxi", "Chicago Elite", "Medallion Leasin", "Star North",
]
PAYMENTS = ["Cash", "Credit Card", "No Charge", "Dispute", "Unknown", "Prcard"]


def column(rng, values, missing):
    """Texts of the values, some of them empty."""
    texts = np.array([str(value) for value in values], dtype=object)
    if missing:
        texts[rng.random(len(texts)) < missing] = ""
    return texts


def quoted(text):
    return f'"{text}"' if "," in text else text


def table(rng, rows):
    hour = rng.integers(0, 24, rows)
    miles = np.round(rng.gamma(1.2, 2.9, rows), 2)
    seconds = (120 + miles * 180 + rng.normal(0, 90, rows)).clip(0).astype(np.int64)
    fare = np.round(3.25 + 2.25 * miles + rng.normal(0, 1.0, rows).clip(-2), 2)
    payment = rng.choice(len(PAYMENTS), rows, p=[0.6, 0.36, 0.02, 0.01, 0.005, 0.005])
    generous = 0.18 + 0.05 * (hour > 18) + rng.normal(0, 0.08, rows)
    tips = np.where(payment == 1, np.round(fare * generous.clip(0), 2), 0.0)
    area = rng.integers(1, 78, (2, rows))
    start = 1356998400 + rng.integers(0, 3 * 365 * 24 * 4, rows) * 900
    company = [quoted(COMPANIES[i]) for i in rng.zipf(1.6, rows) % len(COMPANIES)]
    taxi = [f"{int(value) * 0x9E3779B97F4A7C15:032x}" for value in rng.integers(0, 4000, rows)]
    return {
        "pickup_community_area": column(rng, area[0], 0.01),
        "fare": column(rng, fare, 0),
        "trip_start_month": column(rng, 1 + (start // 2629800) % 12, 0),
        "trip_start_hour": column(rng, hour, 0),
        "trip_start_day": column(rng, 1 + (start // 86400 + 4) % 7, 0),
        "trip_start_timestamp": column(rng, start, 0),
        "pickup_latitude": column(rng, np.round(41.6 + area[0] / 180, 6), 0.01),
        "pickup_longitude": column(rng, np.round(-87.9 + area[0] / 260, 6), 0.01),
        "dropoff_latitude": column(rng, np.round(41.6 + area[1] / 180, 6), 0.03),
        "dropoff_longitude": column(rng, np.round(-87.9 + area[1] / 260, 6), 0.03),
        "trip_miles": column(rng, miles, 0),
        "pickup_census_tract": column(rng, 17031000000 + area[0] * 100, 0.35),
        "dropoff_census_tract": column(rng, 17031000000 + area[1] * 100, 0.35),
        "payment_type": column(rng, [PAYMENTS[i] for i in payment], 0),
        "company": column(rng, company, 0.3),
        "trip_seconds": column(rng, seconds, 0.001),
        "dropoff_community_area": column(rng, area[1], 0.03),
        "tips": column(rng, tips, 0),
        "taxi_id": column(rng, taxi, 0),
        "trip_total": column(rng, np.round(fare + tips, 2), 0.001),
    }


def main():
    rows, path = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(2013)
    chunk = 100_000
    with path.open("w", encoding="utf-8") as out:
        for begin in range(0, rows, chunk):
            columns = table(rng, min(chunk, rows - begin))
            if begin == 0:
                out.write(",".join(columns) + "\n")
            for cells in zip(*columns.values()):
                out.write(",".join(cells) + "\n")


main()
