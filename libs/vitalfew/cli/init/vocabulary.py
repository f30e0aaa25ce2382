"""What shops call the columns of their exports, by language, the best name first."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
WORDS = re.compile(r"[^\w]+|_+")
WIDE = re.compile(r"[\u0400-\u04ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
LETTERS = {"ß": "ss", "ł": "l", "ı": "i", "ø": "o"}

# fmt: off
NAMES: dict[str, dict[str, str]] = {
    "order_id": {
        "en": "order id|order no|order number|orderid|invoice no|invoice number|invoice id|invoice|receipt no|receipt|"
              "basket id|transaction id|ticket no|order|basket|transaction|bill no|no|id",
        "de": "bestellnummer|bestell nr|bestellnr|auftragsnummer|auftrags nr|rechnungsnummer|rechnungs nr|rechnungsnr|"
              "belegnummer|beleg nr|belegnr|bonnummer|bon nr|bestellung|auftrag|rechnung|beleg|bon",
        "fr": "numero de commande|numero commande|n commande|no commande|id commande|commande|numero facture|n facture|"
              "facture|n ticket|ticket",
        "es": "numero de pedido|numero pedido|n pedido|num pedido|nro pedido|id pedido|pedido|numero factura|n factura|factura",
        "pt": "numero do pedido|n do pedido|id do pedido|pedido|encomenda|n encomenda|nota fiscal|fatura",
        "it": "numero ordine|n ordine|id ordine|ordine|numero fattura|fattura|scontrino",
        "nl": "bestelnummer|bestel nr|ordernummer|bestelling|factuurnummer|factuur|bonnummer",
        "tr": "siparis no|siparis numarasi|siparis id|siparis kodu|siparis|fatura no|fatura|fis no",
        "pl": "numer zamowienia|nr zamowienia|id zamowienia|zamowienie|numer faktury|nr faktury|faktura|nr paragonu|paragon",
        "ja": "注文番号|注文id|受注番号|伝票番号|レシート番号", "zh": "订单号|订单编号|订单id|訂單編號|订单|交易号|小票号|单号",
        "ru": "номер заказа|заказ|номер чека|чек", "ko": "주문번호",
    },
    "customer_id": {
        "en": "customer id|customer no|customer number|customer code|client id|client no|member id|user id|buyer id|household id|"
              "account id|loyalty card|customer|client|member|buyer|user|who",
        "de": "kundennummer|kunden nr|kundennr|kunden id|kunde|mitgliedsnummer",
        "fr": "numero client|n client|id client|code client|client|acheteur",
        "es": "id cliente|numero de cliente|n cliente|codigo cliente|cod cliente|codigo de cliente|cliente",
        "pt": "id do cliente|codigo do cliente|cliente", "it": "codice cliente|id cliente|numero cliente|cliente",
        "nl": "klantnummer|klant nr|klant id|klantcode|klant",
        "tr": "musteri no|musteri numarasi|musteri id|musteri kodu|musteri|uye no",
        "pl": "numer klienta|nr klienta|id klienta|kod klienta|klient",
        "ja": "顧客番号|顧客id|顧客コード|会員番号|会員id|顧客|会員", "zh": "客户编号|客户id|客户号|会员号|会员编号|会员id|用户id|买家id|客户|会员|用户|买家",
        "ru": "id клиента|код клиента|номер клиента|клиент|покупатель", "ko": "고객번호|고객",
    },
    "product_id": {
        "en": "product id|product code|product no|sku|item id|item no|item code|article no|article id|stock code|stockcode|asin|"
              "ean|gtin|upc|isbn|barcode|product|item|article|product name|item name|products|what|description|skus",
        "de": "artikelnummer|artikel nr|artikelnr|produktnummer|produkt nr|artikel|produkt|bezeichnung|artikelbezeichnung|ware",
        "fr": "reference article|ref article|code article|code produit|reference produit|reference|ref|article|produit|designation|libelle",
        "es": "codigo producto|codigo de producto|codigo articulo|referencia|ref|articulo|producto|descripcion",
        "pt": "codigo do produto|codigo produto|produto|artigo|referencia|descricao",
        "it": "codice articolo|codice prodotto|articolo|prodotto|descrizione",
        "nl": "artikelnummer|artikel nr|productcode|productnummer|artikel|product|omschrijving",
        "tr": "urun kodu|stok kodu|urun no|urun id|urun adi|urun", "pl": "kod produktu|kod towaru|indeks|produkt|towar|nazwa produktu|nazwa towaru",
        "ja": "商品番号|商品コード|品番|商品id|商品名|商品|品名", "zh": "商品编号|商品编码|商品id|商品货号|货号|产品编号|商品|产品|商品名称|产品名称",
        "ru": "артикул|код товара|товар|наименование", "ko": "상품코드|상품번호|상품|상품명",
    },
    "ordered_at": {
        "en": "ordered at|order date|order time|order datetime|purchase date|purchased at|invoice date|invoicedate|transaction date|"
              "sale date|sold at|created at|datetime|timestamp|date time|date|day|time|when|at",
        "de": "bestelldatum|auftragsdatum|kaufdatum|rechnungsdatum|belegdatum|bestellzeitpunkt|zeitpunkt|datum|tag",
        "fr": "date de commande|date commande|date d achat|date achat|date facture|date de vente|date",
        "es": "fecha de pedido|fecha pedido|fecha del pedido|fecha compra|fecha de compra|fecha factura|fecha venta|fecha",
        "pt": "data do pedido|data pedido|data da compra|data da venda|data", "it": "data ordine|data acquisto|data fattura|data",
        "nl": "besteldatum|orderdatum|factuurdatum|datum", "tr": "siparis tarihi|satis tarihi|fatura tarihi|tarih",
        "pl": "data zamowienia|data sprzedazy|data zakupu|data faktury|data",
        "ja": "注文日時|注文日|購入日時|購入日|受注日|売上日|日時|日付", "zh": "下单时间|下单日期|订单时间|订单日期|购买时间|付款时间|交易时间|创建时间|日期|时间",
        "ru": "дата заказа|дата покупки|дата продажи|дата", "ko": "주문일시|주문일|날짜",
    },
    "quantity": {
        "en": "quantity|qty|quantities|pieces|units|units sold|number of items|count|pcs|n",
        "de": "menge|anzahl|stuckzahl|stueckzahl|stuck|stueck|stk", "fr": "quantite|qte|nombre|nb", "es": "cantidad|cant|unidades|uds",
        "pt": "quantidade|qtd|qtde|unidades", "it": "quantita|qta|pezzi", "nl": "aantal|hoeveelheid|stuks", "tr": "adet|miktar",
        "pl": "ilosc|liczba sztuk|szt|sztuk", "ja": "数量|個数|点数", "zh": "数量|件数|购买数量|销售数量", "ru": "количество|кол во", "ko": "수량",
    },
    "amount": {
        "en": "line total|line amount|net amount|amount net|net total|sales value|total net|amount|paid|total price|revenue|sales|total|subtotal|"
              "extended price|net|sum|value|total amount|gross amount|amount gross",
        "de": "nettobetrag|betrag netto|positionssumme|zeilensumme|positionsbetrag|umsatz netto|umsatz|betrag|gesamtpreis|gesamtbetrag|summe|"
              "gesamt|netto|bruttobetrag|brutto",
        "fr": "montant ht|total ht|total ligne|montant ligne|montant|montant total|total|montant ttc|total ttc",
        "es": "importe neto|importe linea|importe|importe total|monto|total|total linea", "pt": "valor liquido|valor total|valor|montante|total",
        "it": "importo netto|importo|importo totale|totale riga|totale|imponibile", "nl": "regeltotaal|regelbedrag|nettobedrag|bedrag|totaalbedrag|totaal|omzet",
        "tr": "net tutar|tutar|toplam tutar|toplam|satir toplami", "pl": "wartosc netto|kwota netto|wartosc|kwota|suma|razem|wartosc brutto",
        "ja": "税抜金額|金額|小計|合計金額|合計|売上金額|売上", "zh": "实付金额|实收金额|金额|小计|总价|总金额|销售额|应付金额|合计|支付金额",
        "ru": "сумма|итого|стоимость", "ko": "금액|합계",
    },
    "price": {
        "en": "unit price|unitprice|price each|item price|price per unit|price|sales price|unit price net", "de": "einzelpreis|stuckpreis|stueckpreis|preis|vk preis|vk|e preis",
        "fr": "prix unitaire|prix unitaire ht|pu|pu ht|prix", "es": "precio unitario|precio unidad|precio", "pt": "preco unitario|preco|valor unitario",
        "it": "prezzo unitario|prezzo", "nl": "stukprijs|prijs per stuk|eenheidsprijs|prijs", "tr": "birim fiyati|birim fiyat|fiyat",
        "pl": "cena jednostkowa|cena netto|cena", "ja": "単価|価格|販売価格", "zh": "单价|單價|价格|售价", "ru": "цена|цена за единицу", "ko": "단가|가격",
    },
    "currency": {
        "en": "currency|currency code|ccy", "de": "wahrung|waehrung", "fr": "devise", "es": "moneda|divisa", "pt": "moeda", "it": "valuta|divisa", "nl": "valuta|munt",
        "tr": "para birimi|doviz", "pl": "waluta", "ja": "通貨", "zh": "币种|货币|幣別", "ru": "валюта", "ko": "통화",
    },
    "channel": {
        "en": "channel|sales channel|store|shop|branch|store id|store name", "de": "kanal|vertriebskanal|filiale|laden|geschaft", "fr": "canal|magasin|boutique",
        "es": "canal|tienda|sucursal", "pt": "canal|loja", "it": "canale|negozio|punto vendita", "nl": "kanaal|winkel|filiaal", "tr": "kanal|magaza|sube",
        "pl": "kanal|sklep", "ja": "チャネル|店舗|店舗名", "zh": "渠道|门店|店铺", "ru": "канал|магазин", "ko": "채널|매장",
    },
    "status": {
        "en": "status|order status|type|transaction type|kind|line type", "de": "status|belegart|vorgangsart|art|typ|bestellstatus", "fr": "statut|etat|type",
        "es": "estado|tipo", "pt": "status|estado|tipo|situacao", "it": "stato|tipo", "nl": "status|type|soort", "tr": "durum|tur|tip|siparis durumu",
        "pl": "status|rodzaj|typ", "ja": "状態|種別|ステータス|区分", "zh": "状态|订单状态|类型|交易状态", "ru": "статус|тип", "ko": "상태|구분",
    },
    "discount": {
        "en": "discount|discount amount|rebate", "de": "rabatt|nachlass", "fr": "remise|rabais", "es": "descuento", "pt": "desconto", "it": "sconto", "nl": "korting",
        "tr": "indirim|iskonto", "pl": "rabat", "ja": "割引|値引", "zh": "折扣|优惠|优惠金额", "ru": "скидка", "ko": "할인",
    },
    "contact": {
        "en": "email|e mail|customer email|email address|mail", "de": "e mail adresse|kunden e mail", "fr": "courriel", "es": "correo|correo electronico",
        "nl": "e mailadres|emailadres", "ja": "メール|メールアドレス", "zh": "邮箱|电子邮箱", "ru": "почта",
    },
}
# fmt: on
UNIT = re.compile(r"unit|each|einzel|stuck|stueck|stuk|eenheid|birim|jednostk|\bpu\b|単価|单价|單價|единиц|단가")
GROSS = re.compile(r"brutto|gross|\bttc\b|\bincl|税込|含税")
RETURNS = re.compile(
    r"^(?!.*(no |not |non ))(.*\b)?(return|refund|credit ?note|retour|ruckgabe|rueckgabe|rucksend|ruecksend|gutschrift|erstatt|avoir|rembours|devol|reembols|abono|"
    r"\breso\b|rimbors|nota di credito|teruggave|terugbetaal|creditnota|iade|zwrot|korekta)|返品|返金|退货|退款|退貨|возврат|환불|반품"
)
YES = ("1", "1.0", "-1", "true", "t", "yes", "y", "x", "wahr", "ja", "j", "vrai", "oui", "o", "verdadero", "si", "sí", "s", "sim", "vero", "evet",
       "tak", "да", "はい", "是", "예")  # fmt: skip
NO = ("0", "0.0", "false", "f", "no", "n", "falsch", "nein", "faux", "non", "falso", "não", "nao", "nee", "hayır", "hayir", "nie", "нет",
      "いいえ", "否", "아니요")  # fmt: skip
CANCELLED = re.compile(
    r"cancel|\bvoid|storn|annul|anul|annull|geannuleerd|iptal|キャンセル|取消|已关闭|交易关闭|отмен|취소"
)


@dataclass(frozen=True)
class Match:
    """How well the name of a column fits one of ours (the higher the better), and in which languages."""

    score: float
    languages: frozenset[str]


def plain(name: str) -> str:
    """A name in small letters without accents, its words apart: `Order-ID`, `orderId` and `ORDER_ID` read alike."""
    apart = CAMEL.sub(" ", name)
    for letter, written in LETTERS.items():
        apart = apart.replace(letter, written)
    marked = unicodedata.normalize("NFKD", apart.lower().replace("°", " "))
    bare = "".join(c for c in marked if unicodedata.category(c) != "Mn" or WIDE.match(c))
    return " ".join(WORDS.sub(" ", unicodedata.normalize("NFKC", bare)).split())


def match(name: str, ours: str) -> Match | None:
    """How the column `name` fits `ours`; None where it does not."""
    whole = plain(re.sub(r"[(\[（].*?[)\]）]", "", name)) or plain(name)
    last = plain(name.rpartition(".")[2])
    found: dict[str, float] = {}
    for language, listed in NAMES[ours].items():
        for rank, known in enumerate(listed.split("|")):
            if score := fit(whole, last, known):
                found[language] = max(found.get(language, 0.0), score - rank / 100)
    if not found:
        return None
    best = max(found.values())
    return Match(best, frozenset(language for language, score in found.items() if score >= best - 0.5))


def fit(whole: str, last: str, known: str) -> float:
    """3 where the names are the same, 2 where the last step of a path is, 1 where one of them holds the other."""
    if whole == known:
        return 3.0
    if last == known and known not in ("n", "no"):
        return 2.0
    is_wide = WIDE.search(known) is not None
    if (is_wide and known in whole) or (len(known) > 3 and f" {known} " in f" {whole} "):
        return 1.0
    return 0.0


def count_known(names: Sequence[str]) -> int:
    """How many of our columns the names of a row may stand for; what is no header has next to none."""
    return sum(1 for ours in NAMES if any(match(name, ours) for name in names if name and len(name) < 60))


def language_of(names: Sequence[str]) -> str:
    """The language that most of the names are in; English where none stands out."""
    counts: dict[str, float] = defaultdict(float)
    for name in names:
        languages: set[str] = set()
        for ours in NAMES:
            if found := match(name, ours):
                languages |= found.languages
        for language in languages:
            counts[language] += 1 / len(languages)
    best = max(counts, key=lambda language: counts[language], default="en")
    return best if counts[best] > counts["en"] else "en"
