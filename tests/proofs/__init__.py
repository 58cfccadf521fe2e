"""What the rules of a pack can never do, proved for all answers at once by a solver (Z3)."""
