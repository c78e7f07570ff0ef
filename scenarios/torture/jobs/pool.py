# SPDX-License-Identifier: ISC
"""Squares in a pool of processes, each a file that is renamed into its place."""
import multiprocessing
import os


def work(number):
    with open(f"out.{number}.new", "w") as out:
        out.write(f"{number * number}\n")
    os.replace(f"out.{number}.new", f"out.{number}")


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(work, range(2))
