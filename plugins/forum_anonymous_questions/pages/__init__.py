"""The pages behind the door, each a function that takes what was asked and gives the answer."""
