"""Promises of models about albums: any is answered, and one that says that it uses them does, each as what it is."""

from dataclasses import replace

import torch

from gcnet_core.interfaces import Batch, Model, picture_codes
from gcnet_core.plugin_api import PluginError
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.models.answers import close, computes_what_it_offers, draws_its_reference, same_answer
from gcnet_core.testing.models.training import chosen, logits_of, warm, with_noise


@check(computes_what_it_offers)
def answers_with_any_album(case: Case) -> None:
    """Albums of none to four pictures, in one batch too, give finite logits, in both modes."""
    model = warm(case)
    for album in (0, 1, 4):
        for given in (False, True):
            for training in (False, True):
                batch = case.batch(album=album)
                batch = batch if training else batch.unlabelled(true_reference=True, album=True)
                logits = model.train(training)(batch, frozenset({"logits"}), true_reference=given).logits
                if logits is None or logits.shape != batch.votes.shape or not logits.isfinite().all():
                    raise ContractError(
                        f"with albums of up to {album} pictures it gives no finite logits of each class"
                    )


@check(answers_with_any_album)
def uses_its_album(case: Case) -> None:
    """If its `uses_album` says so, a sample is answered otherwise for another album of its own, and only for that."""
    model, batch = _asked(case)
    if not case.part.config.uses_album():
        raise DoesNotApply("its options say that it uses no album")
    has_one, other = batch.has_album.any(dim=1), with_noise(batch, "album")
    for row in range(len(batch)):
        alone = chosen(batch, [row])
        if has_one[row] and same_answer(model, alone, chosen(other, [row])):
            raise ContractError(f"the album of sample {row} has no influence, though its options say that it is used")
        if not close(logits_of(model, alone), logits_of(model, batch)[row : row + 1]):
            raise ContractError(f"sample {row} alone, with its album, has another answer than among others")


@check(answers_with_any_album)
def takes_an_album_as_a_set(case: Case) -> None:
    """Neither the order of an album, nor places without a picture, nor what stands there, NaN too, has an influence."""
    model, batch = _asked(case)
    if draws_its_reference(model, batch):
        raise DoesNotApply("its generator draws, for each picture in turn")
    unknown = ~batch.has_album[:, :, None, None, None]
    longer = replace(
        batch,
        album=torch.cat([batch.album, torch.zeros_like(batch.album)], dim=1),
        has_album=torch.cat([batch.has_album, torch.zeros_like(batch.has_album)], dim=1),
    )
    turned = replace(batch, album=batch.album.flip(1), has_album=batch.has_album.flip(1))
    for given in (False, True):
        if not same_answer(model, batch, turned, true_reference=given):
            raise ContractError("the order of an album has an influence; it is drawn at random")
        if not same_answer(model, batch, longer, true_reference=given):
            raise ContractError("places without a picture have an influence; mask by batch.has_album")
        for junk in (0.7, torch.nan):
            spoiled = replace(batch, album=torch.where(unknown, junk, batch.album))
            if not same_answer(model, batch, spoiled, true_reference=given):
                raise ContractError(f"{junk} where no picture is known has an influence; mask by batch.has_album")


@check(takes_an_album_as_a_set)
def takes_codes_for_pictures(case: Case) -> None:
    """If it computes `candidate_codes`, an album may be given by them in place of its pictures."""
    model, batch = _asked(case)
    if "candidate_codes" not in case.part.config.available_outputs():
        raise DoesNotApply("it does not compute candidate_codes, so that it takes no codes")
    if case.part.config.needs_true_reference():
        raise DoesNotApply("it compares with a true reference whatever else there is")
    try:
        with torch.inference_mode():
            codes = picture_codes(model, batch.album.flatten(0, 1), len(case.classes), calm=False)
    except PluginError as error:
        raise ContractError(f"{error}; set output.candidates too") from error
    alone = batch.unlabelled(true_reference=False)
    coded = replace(alone, codes=codes.unflatten(0, batch.has_album.shape), has_codes=batch.has_album)
    if not close(logits_of(model, coded), logits_of(model, batch.unlabelled(true_reference=False, album=True))):
        raise ContractError("with the codes of an album it answers otherwise than with its pictures")


def _asked(case: Case) -> tuple[Model, Batch]:
    return warm(case, steps=4), case.batch(8, album=3)


CHECKS = (answers_with_any_album, uses_its_album, takes_an_album_as_a_set, takes_codes_for_pictures)
