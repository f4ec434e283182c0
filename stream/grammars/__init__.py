"""What an agent's own marks say in its text mode: where it stands, what it did. One state machine for each agent.

To add one: a package here, and its row in `stream.grammars.table`.
"""
