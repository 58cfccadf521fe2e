"""The stages of the clinic's work, a file each. A public function that writes is one transaction."""
