"""What `--decisions` adds to the shop: people, goods and tables from which the jobs of decisions can learn.

Nothing that the shop has without it is changed. Each module plants one thing, in a block of customers and on goods of
its own, and says what it planted in a table truth_….
"""
