"""An AWS on this machine for one pipeline: moto's server, and around it what moto lacks. Start at cloud.py."""
