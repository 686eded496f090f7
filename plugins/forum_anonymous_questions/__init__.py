"""Anonymous questions: members ask without anybody being able to find out who asked."""
