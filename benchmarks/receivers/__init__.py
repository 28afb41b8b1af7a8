"""What is known of names and receivers, measured on real code: false alarms, invented names found, jedi's word."""
