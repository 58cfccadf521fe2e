"""Mail, seen where it arrives."""
