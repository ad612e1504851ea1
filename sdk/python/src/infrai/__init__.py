"""The namespace that the developer platform's document shows, over Posthouse's client.

    from infrai import infra

    infra.sms.send(to="+15555550123", body="Your order has shipped.")

Importing reads no credentials and opens nothing; the first call does.
"""

from infrai.namespace import Infra, Sms

__all__ = ["Infra", "Sms", "infra"]

infra = Infra()
"""Ready to use: the environment and `~/.infrai/credentials` say whom to ask."""
