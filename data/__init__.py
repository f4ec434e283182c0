"""What is kept: stores, schema, queries and exports. Imports `stream.records` and `stream.timestamps` alone."""
