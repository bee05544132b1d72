"""What is kept on this computer: attempts and cards of recall. The one door to sqlite3, to the data folder and to the
calendar; a `Store` holds everything in one file.
"""

from sim.attempts.store.attempts import Store, StoredAttempt, StoredMove
from sim.attempts.store.cards import Card, Cards, Recall
from sim.attempts.store.file import FILE_NAME, Timestamp
from sim.attempts.store.place import data_folder, make_folder, open_store
from sim.attempts.store.schema import LEARNERS, MIGRATIONS, Migration
from sim.attempts.store.trouble import StoreError

__all__ = [
    "FILE_NAME",
    "LEARNERS",
    "MIGRATIONS",
    "Card",
    "Cards",
    "Migration",
    "Recall",
    "Store",
    "StoreError",
    "StoredAttempt",
    "StoredMove",
    "Timestamp",
    "data_folder",
    "make_folder",
    "open_store",
]
