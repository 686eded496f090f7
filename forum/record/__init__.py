"""The record of what moderators did, and how it is undone."""
