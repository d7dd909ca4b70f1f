"""Names for made-up people, from many places; any likeness of a pair to somebody is chance."""

from typing import Final

import numpy as np

FIRST_NAMES: Final = (
    "Aisha", "Alejandra", "Amaru", "Ana", "Andrés", "Ángela", "Antu", "Beatriz", "Bruno", "Camila", "Carmen", "Chidi",
    "Claudio", "Daniela", "Diego", "Elena", "Emeka", "Fatima", "Felipe", "Francisca", "Gabriel", "Gloria", "Hana",
    "Hugo", "Ignacio", "Inés", "Iván", "Javiera", "Jorge", "Joséphine", "Kenji", "Lautaro", "Leila", "Lucía", "Marcelo",
    "Mateo", "Mei", "Millaray", "Natalia", "Nicolás", "Noor", "Olga", "Pablo", "Paulina", "Rayén", "Rodrigo", "Rosa",
    "Samuel", "Sofía", "Tamara", "Tomás", "Valentina", "Víctor", "Wanjiru", "Ximena", "Yusuf",
)  # fmt: skip

LAST_NAMES: Final = (
    "Aguilera", "Alarcón", "Álvarez", "Araya", "Baptiste", "Barraza", "Bravo", "Carvajal", "Castillo", "Chen", "Cortés",
    "Díaz", "Espinoza", "Fuentes", "Gallardo", "González", "Haddad", "Huerta", "Ibáñez", "Ivanova", "Jofré", "Kamau",
    "Kovač", "Lagos", "Leiva", "Mamani", "Marín", "Miranda", "Molina", "Muñoz", "Nahuel", "Núñez", "Okafor", "Olivares",
    "Ortiz", "Pastén", "Pizarro", "Quispe", "Ramírez", "Rivera", "Rojas", "Salinas", "Sato", "Silva", "Tapia", "Torres",
    "Urrutia", "Valdés", "Vega", "Véliz", "Villalobos", "Weber", "Yáñez", "Zamora", "Zepeda", "Zúñiga",
)  # fmt: skip


def full_names(rng: np.random.Generator, n_names: int) -> list[str]:
    """Draw names; no two are alike while there are pairs enough (some 3,000).

    Parameters
    ----------
    rng : the chance to draw from; equally seeded, it gives equal names
    n_names : how many
    """
    n_pairs = len(FIRST_NAMES) * len(LAST_NAMES)
    pairs = rng.choice(n_pairs, n_names, replace=n_names > n_pairs)
    return [f"{FIRST_NAMES[pair // len(LAST_NAMES)]} {LAST_NAMES[pair % len(LAST_NAMES)]}" for pair in pairs]
