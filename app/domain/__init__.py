"""The rules of the clinic as plain Python: no web, no database, standard library only."""
