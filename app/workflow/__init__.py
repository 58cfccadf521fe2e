"""The stages of the clinic's work, a file each. A public writing function is one transaction."""
