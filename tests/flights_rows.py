"""Writes flights-like rows as CSV, the same for the same seed: flights_rows.py OUT.csv ROWS SEED.

Evening flights of some carriers are late more often, so that there is something to learn.
"""

import csv
import random
import sys

CARRIERS = {"AA": 0.0, "B6": 6.0, "DL": -4.0, "EV": 12.0, "UA": 2.0}
DISTANCES = {"ATL": 762, "BOS": 187, "LAX": 2475, "MIA": 1096, "ORD": 733, "SFO": 2586}


def rows(count, seed):
    source = random.Random(seed)
    for number in range(count):
        month, day = source.randint(1, 12), source.randint(1, 28)
        hour, minute = source.randint(5, 22), source.randrange(0, 60, 5)
        carrier = source.choice(sorted(CARRIERS))
        dest = source.choice(sorted(DISTANCES))
        delay = round(source.gauss(CARRIERS[carrier] + 3 * (hour - 10), 12))
        cancelled = number % 50 == 7
        yield {
            "year": 2013,
            "month": month,
            "day": day,
            "sched_dep_time": 100 * hour + minute,
            "arr_delay": "NA" if cancelled else delay,
            "carrier": carrier,
            "dest": dest,
            "distance": DISTANCES[dest],
        }


def main():
    path, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = None
        for row in rows(count, seed):
            if writer is None:
                writer = csv.DictWriter(out, row.keys(), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)


main()
