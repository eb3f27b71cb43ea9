"""Checks templates for mistakes that their readers would see."""
