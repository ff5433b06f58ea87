"""What a statement is, in both versions: shapes and plain functions without the database."""
