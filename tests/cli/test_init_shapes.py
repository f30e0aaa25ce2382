"""`vitalfew init` on files of many shapes and languages: what it proposes takes in all rows, and their money to the cent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from files_page import Example, examples, write
from shop import NOW

from vitalfew.cli.init.choices import Choices
from vitalfew.cli.init.command import best, place_of
from vitalfew.cli.init.sample import listed, samples
from vitalfew.config.files import FileSource
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import ConfigError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage.delta import Storage
from vitalfew.tables.sources import ORDER_LINES


@dataclass(frozen=True)
class Shape:
    """A file as bytes, its rows, orders and money by hand, and what the user has to say."""

    name: str
    content: bytes
    rows: int
    orders: int
    money: str
    first: str
    currency: str | None = None
    answers: dict[str, str] = field(default_factory=dict)


def text(content: str, encoding: str = "utf-8") -> bytes:
    return content.encode(encoding)


SHAPES = [
    Shape("umsatz.csv", text(
        "Umsatzbericht 2024\n\nBestellnr;Kundennr;Artikelnummer;Bestelldatum;Menge;Einzelpreis;Betrag\n"
        "B1;K1;A-1;31.01.2024 09:30;2;1.200,50 €;2.401,00 €\nB1;K1;A-2;31.01.2024 09:30;1;3,99 €;3,99 €\n"
        "B2;K2;A-1;02.02.2024 10:00;-1;1.200,50 €;-1.200,50 €\n", "cp1252"), 3, 2, "1204.49", "2024-01-31 09:30:00", "EUR"),
    Shape("ventes.csv", text(
        "N° commande;Code client;Réf. article;Date commande;Qté;Prix unitaire HT\n"
        "1001;C7;THÉ-VERT;05/03/2024;3;1 250,50\n1001;C7;TASSE;05/03/2024;1;8,90\n1002;C8;TASSE;25/03/2024;2;8,90\n", "cp1252"),
        3, 2, "3778.20", "2024-03-05 00:00:00"),
    Shape("pedidos.tsv", text(
        "Número de pedido\tCliente\tReferencia\tFecha pedido\tCantidad\tImporte\nP1\tana\tA\t3/4/2024 8:05\t1\t1.234,50\n"
        "P2\tbea\tB\t4/4/2024 18:30\t2\t10,00\n"), 2, 2, "1244.50", "2024-04-03 08:05:00"),
    Shape("vendas.csv", text(
        "Pedido,Cliente,Produto,Data do pedido,Qtd,Valor total (BRL)\n1,a,x,2024-01-05,1,10.00\n2,b,y,2024-02-06,3,99.90\n"),
        2, 2, "109.90", "2024-01-05 00:00:00", "BRL"),
    Shape("ordini.xlsx", b"ID ordine,Codice cliente,Codice articolo,Data ordine,Quantita,Prezzo unitario\n1,7,11,2024-05-01,2,2.5\n2,8,12,2024-05-02,1,4\n",
        2, 2, "9.00", "2024-05-01 00:00:00"),
    Shape("bestellingen.csv", text(
        "Bestelnummer|Klantnummer|Artikelnummer|Besteldatum|Aantal|Stukprijs\n1|k1|a|13-05-2024|2|1,50\n2|k2|b|14-05-2024|1|20,00\n"),
        2, 2, "23.00", "2024-05-13 00:00:00"),
    Shape("siparisler.csv", text(
        "Sipariş No;Müşteri No;Ürün Kodu;Sipariş Tarihi;Adet;Birim Fiyatı;Tutar\nS1;M1;U1;01.06.2024;2;1.000,00 ₺;2.000,00 ₺\n"
        "S2;M2;U2;02.06.2024;1;5,50 ₺;5,50 ₺\n"), 2, 2, "2005.50", "2024-06-01 00:00:00", "TRY"),
    Shape("zamowienia.csv", text(
        "Nr zamówienia;Nr klienta;Kod produktu;Data zamówienia;Ilość;Cena jednostkowa;Wartość brutto\n"
        "1;k1;p1;2024-07-01 12:00;2;10,00;20,00\n2;k2;p2;2024-07-02 12:00;1;7,25;7,25\n", "cp1250"), 2, 2, "27.25", "2024-07-01 12:00:00"),
    Shape("注文.csv", text(
        "注文番号,顧客番号,商品コード,注文日時,数量,単価\n1,c1,p1,2024/8/1 9:05,2,\"1,200円\"\n2,c2,p2,2024/8/2 10:15,1,\"980円\"\n", "shift_jis"),
        2, 2, "3380.00", "2024-08-01 09:05:00", "JPY"),
    Shape("订单.csv", text(
        "订单号,客户编号,商品编号,下单时间,数量,实付金额（元）\n1,c1,p1,2024年8月1日,2,88.00\n2,c2,p2,2024年8月2日,1,12.50\n", "gb18030"),
        2, 2, "100.50", "2024-08-01 00:00:00", "CNY"),
    Shape("us.csv", text(
        'Order ID,Customer ID,SKU,Order Date,Qty,Unit Price,Status\n1,a,x,1/31/2024 3:05 PM,2,"$1,000.00",Completed\n'
        "2,b,y,2/1/2024 9:00 AM,1,$5.00,Refunded\n3,b,y,2/2/2024 9:00 AM,1,$7.00,Completed\n"), 3, 3, "2002.00", "2024-01-31 15:05:00"),
    Shape("kasse.csv", text(
        "Belegnr;Kunde;Artikel;Datum;Menge;Betrag\n1;a;x;13.05.2024;1;CHF 1'250.-\n2;b;y;14.05.2024;1;CHF 3.50\n3;b;z;14.05.2024;-1;CHF -5.-\n"),
        3, 3, "1248.50", "2024-05-13 00:00:00", "CHF"),
    Shape("waage.csv", text(
        "Belegnr;Kunde;Artikel;Datum;Menge;Betrag\n1;a;x;13.05.2024;0,500;1,25\n2;b;y;14.05.2024;1,250;10,00\n"),
        2, 2, "11.25", "2024-05-13 00:00:00"),
    Shape("till.csv", text(
        "who,what,at,n,paid\nann,tea,2024-05-01 09:30,1,2.00\nann,mug,2024-05-01 09:30,1,4.00\nbob,tea,2024-05-02 10:00,2,4.00\n"),
        3, 2, "10.00", "2024-05-01 09:30:00"),
    Shape("orders.jsonl", b"".join(json.dumps(
        {"orderId": i, "customer": {"id": f"c{i}"}, "createdAt": f"2024-05-0{i}T09:00:00+02:00",
         "items": [{"sku": "a", "quantity": 2, "unitPrice": 1.5}, {"sku": "b", "quantity": 1, "unitPrice": 4}]}
        ).encode() + b"\n" for i in (1, 2)), 4, 2, "14.00", "2024-05-01 09:00:00", None, {"time_zone": "Europe/Berlin"}),
    Shape("day.csv", text(
        "Order ID,Customer ID,SKU,Order Date,Qty,Amount\n1,a,x,01/02/2024,1,1.500\n2,b,y,03/04/2024,1,2.250\n"), 2, 2, "3750.00",
        "2024-02-01 00:00:00", None, {"dates": "day", "numbers": "de_DE"}),
]  # fmt: skip


def proposed(places: list[str], answers: dict[str, str]) -> tuple[FileSource, str | None]:
    found, _ = samples(listed(places))
    choices = Choices(answers)
    chosen, proposal = best(found, choices)
    choices.settle()
    place = place_of(chosen, places)
    return FileSource.model_validate_json(json.dumps({**place, **proposal.settings})), proposal.currency


ALL = IngestParams(max_quarantined_share=0.0)


def taken_in(running: Engine, root: Path, source: FileSource, params: IngestParams = ALL) -> list[dict[str, object]]:
    target = Target.model_validate({"root": str(root / "tables"), "roots": (str(root),), "engine": running.name})
    storage = Storage(running, target)
    ingest(storage, {"order_lines": source}, params, NOW)
    found = [row.asDict() for row in storage.read(ORDER_LINES).orderBy("ordered_at", "order_id").collect()]
    storage.release()
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_foreign_file_is_taken_in_to_the_cent(running: Engine, tmp_path: Path, shape: Shape) -> None:
    drops = tmp_path / "drops"
    drops.mkdir()
    if shape.name.endswith("xlsx"):
        write(tmp_path, f"drops/{shape.name}", shape.content.decode())
    else:
        (drops / shape.name).write_bytes(shape.content)
    source, currency = proposed([str(drops)], shape.answers)
    rows = taken_in(running, tmp_path, source)
    assert (len(rows), len({row["order_id"] for row in rows})) == (shape.rows, shape.orders)
    assert sum(Decimal(str(row["amount"])) for row in rows) == Decimal(shape.money)
    assert str(rows[0]["ordered_at"]) == shape.first
    assert currency == shape.currency


ZONE = {"time_zone": "Europe/Berlin"}
ANSWERS = {"Published layouts": ZONE, "Times": ZONE, "CSV": {"price": "piece"}, "JSON": {"price": "piece"}}
TO_BE_SAID = ("join", "concat", "currency_signs")
"""What `init` cannot know, and does not ask for."""
PAGE = [e for e in examples() if not any(word in str(e.settings) for word in TO_BE_SAID)]


@pytest.mark.parametrize("example", PAGE, ids=lambda e: f"{e.section}-{next(iter(e.files))}")
def test_the_shapes_of_the_page_of_files_give_their_rows(running: Engine, tmp_path: Path, example: Example) -> None:
    for name, content in example.files.items():
        write(tmp_path, name, content)
    answers = ANSWERS.get(example.section, {})
    source, _ = proposed([str(tmp_path / "drops")], answers)
    rows = taken_in(running, tmp_path, source)
    columns = ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount")
    named = [" | ".join(str(row[column]) for column in columns) for row in rows]
    if source.order_is == "row":  # their numbers are made of the file's digest
        named, rows_of_page = ([line.partition(" | ")[2] for line in of] for of in (named, example.rows))
        assert sorted(named) == sorted(rows_of_page)
    else:
        assert sorted(named) == example.rows


def test_what_is_equally_likely_is_refused_with_both_readings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(SHAPES[-1].content.decode(), encoding="utf-8")
    with pytest.raises(ConfigError) as found:
        proposed([str(tmp_path)], {})
    assert all(each in str(found.value) for each in ("dates=day", "dates=month", "01/02/2024 is d/M/yyyy"))
    assert all(each in str(found.value) for each in ("numbers=point", "numbers=de_DE", "1.500 is 1,500"))


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({"datse": "day"}, "did you mean dates"),
        ({"dates": "dya"}, "did you mean day"),
        ({"amount": "Amuont"}, "did you mean Amount"),
    ],
)
def test_an_answer_that_is_none_is_refused_with_what_was_meant(
    tmp_path: Path, answers: dict[str, str], word: str
) -> None:
    (tmp_path / "a.csv").write_text(SHAPES[-1].content.decode(), encoding="utf-8")
    with pytest.raises(ConfigError, match=word):
        proposed([str(tmp_path)], {"dates": "day", "numbers": "point", **answers})


def test_a_price_that_no_row_explains_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order id,customer,sku,date,qty,price\n1,a,x,2024-01-01,2,4.00\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"price=piece[\s\S]*price=line"):
        proposed([str(tmp_path)], {})


def test_the_total_of_an_order_on_each_of_its_lines_is_not_added_up(running: Engine, tmp_path: Path) -> None:
    lines = [
        f"{o},c,{s},2024-01-0{o},1,{p},{t}" for o, t in ((1, 9), (2, 7), (3, 5)) for s, p in (("a", t - 1), ("b", 1))
    ]
    drops = tmp_path / "drops"
    drops.mkdir()
    head = "Order ID,Customer,SKU,Date,Qty,Unit Price,Order Total\n"
    (drops / "a.csv").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    rows = taken_in(running, tmp_path, proposed([str(drops)], {})[0])
    assert sum(Decimal(str(row["amount"])) for row in rows) == 21


def test_two_kinds_of_files_in_a_folder_are_told_apart(tmp_path: Path) -> None:
    for month in ("may", "june"):
        (tmp_path / f"{month}.csv").write_text(SHAPES[-4].content.decode(), encoding="utf-8")
    (tmp_path / "stock.csv").write_text("shelf,height\nA,3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="put them into a folder of their own"):
        proposed([str(tmp_path)], {})


def test_a_line_of_totals_is_taken_out_and_ids_are_whole(running: Engine, tmp_path: Path) -> None:
    rows = [f"{100 + i},{17850 + i}.0,mug,2024-05-{i + 1:02},1,2.50" for i in range(8)]
    head, total = "Order ID,Customer ID,SKU,Order Date,Qty,Total", "Total,,all,2024-05-09,8,20.00"
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text("\n".join([head, *rows, total, ""]), encoding="utf-8")
    source, _ = proposed([str(tmp_path / "drops")], {})
    assert (source.reject, source.normalise) == ({"a total": "`Order ID` in ('Total')"}, {"customer_id": ("whole",)})
    found = taken_in(running, tmp_path, source, IngestParams())
    assert sum(Decimal(str(row["amount"])) for row in found) == Decimal("20.00")
    assert [row["customer_id"] for row in found] == [str(17850 + i) for i in range(8)]


def test_a_column_that_marks_returns_is_used_and_one_that_is_not_is_named(running: Engine, tmp_path: Path) -> None:
    """Money is positive in every row; nothing but the column Retoure says which came back."""
    head = "Belegnummer;Position;Kundennr;Bestelldatum;Artikelnr;Bezeichnung;Menge;Betrag;Retoure;Mitglied"
    rows = [
        "R1;1;K1;05.03.2024;A1;Tasse;2;20,00;0;1",
        "R1;2;K1;05.03.2024;A2;Teller;1;8,00;0;1",
        "R2;1;K1;19.03.2024;A1;Tasse;1;10,00;1;0",
    ]
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "umsatz.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    found, _ = samples(listed([str(tmp_path / "drops")]))
    _, proposal = best(found, Choices({}))
    assert proposal.settings["returns"]["when"] == "Retoure in ('1')"
    assert "not used: Position, Bezeichnung, Mitglied" in proposal.notes
    assert [note for note in proposal.notes if note.startswith("Retoure is taken for the mark of a return")]
    taken = taken_in(running, tmp_path, proposed([str(tmp_path / "drops")], {})[0])
    assert sum(Decimal(str(row["amount"])) for row in taken) == 18


@pytest.mark.parametrize(
    ("name", "cells", "when"),
    [
        ("Rücksendung", ["ja", "Ja", "nein"], "`Rücksendung` in ('ja', 'Ja')"),
        ("is_return", ["x", "", ""], "is_return in ('x')"),
        ("退货", ["否", "否", "否"], "`退货` not in ('否')"),
        ("returns", ["0", "3", "1"], None),
        ("member", ["1", "0", "1"], None),
    ],
)
def test_a_column_marks_returns_by_its_name_and_where_it_says_yes_or_no(
    tmp_path: Path, name: str, cells: list[str], when: str | None
) -> None:
    rows = [f"{n},c{n},x,2024-01-0{n + 1},1,4.00,{cell}" for n, cell in enumerate(cells)]
    text_of_file = "\n".join([f"order id,customer,sku,date,qty,amount,{name}", *rows, ""])
    (tmp_path / "a.csv").write_text(text_of_file, encoding="utf-8")
    found, _ = samples(listed([str(tmp_path)]))
    _, proposal = best(found, Choices({"price": "line"}))
    assert proposal.settings.get("returns", {}).get("when") == when
