"""Promises of references and joins: which pictures a query is compared with, and how several become one."""
